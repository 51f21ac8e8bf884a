// What the page's buttons do.
const page = JSON.parse(document.getElementById("page").textContent);
const block = new Block(document.getElementById("block").textContent);
const el = (id) => document.getElementById(id);
const canvas = el("canvas");
const renderer = new THREE.WebGLRenderer({ canvas, antialias: true, preserveDrawingBuffer: true });
renderer.setClearColor(new THREE.Color(...page.colours.background.map((value) => value / 255)));
renderer.setPixelRatio(Math.min(window.devicePixelRatio || 1, 2));
const eye = new Eye(page.frame);
const torso = new Torso(page, block);
const line = page.timeline, rows = block.get(line.rows);
const state = { t: 0, playing: false, peel: 0, followPeel: true, followCamera: true,
  warn: false, pair: -1, hovered: null, pointer: null, stale: true };

el("title").textContent = page.title;
el("credits").textContent = page.notice + "  " + page.licence;
el("time").max = line.duration;

page.layers.forEach((title, index) => {
  const item = document.createElement("li");
  item.textContent = `${index} ${title}`;
  item.onclick = () => setPeel(index);
  el("layers").append(item);
});
(page.caution ? page.caution.pairs : []).forEach(([technique, pressure], index) => {
  el("pair").append(new Option(`${technique}, ${pressure}`, index));
});
el("marks").append(new Option("Start", 0));
line.marks.forEach(([t, title]) => el("marks").append(new Option(title, t)));
page.views.slice(0, 4).forEach(([, title, azimuth, elevation]) => {
  const button = document.createElement("button");
  button.textContent = title.replace(" view", "");
  button.onclick = () => look(azimuth, elevation);
  el("views").append(button);
});
page.verdicts.forEach((verdict) => {
  const item = document.createElement("li"), patch = document.createElement("canvas");
  patch.width = 60; patch.height = 32;
  const pen = patch.getContext("2d");
  pen.fillStyle = verdict.colour;
  pen.fillRect(0, 0, 60, 32);
  pen.fillStyle = pen.strokeStyle = verdict.pattern === "cross" ? "#eddbf7" : "#5c3a08";
  pen.lineWidth = 3;
  for (let x = -32; x < 92; x += 16) {
    if (verdict.pattern === "dots") for (const y of [8, 24]) {
      pen.beginPath(); pen.arc(x + y / 3, y, 3.4, 0, 7); pen.fill();
    }
    const slant = (a, b) => { pen.beginPath(); pen.moveTo(x + a, 0); pen.lineTo(x + b, 32); pen.stroke(); };
    if (verdict.pattern === "hatch" || verdict.pattern === "cross") slant(32, 0);
    if (verdict.pattern === "cross") slant(0, 32);
  }
  item.append(patch, verdict.title);
  el("legend").append(item);
});

function look(azimuth, elevation) {
  Object.assign(eye.pose, { azimuth, elevation });
  state.followCamera = false;
  state.stale = true;
}

function setPeel(value) {
  state.peel = Number(value);
  state.followPeel = false;
  state.stale = true;
}

function seek(t) {
  state.t = Math.min(Math.max(Number(t), 0), line.duration);
  state.stale = true;
}

function play(on) {
  state.playing = on;
  if (on && state.t >= line.duration) state.t = 0;
  if (on) state.followCamera = state.followPeel = true;
  el("play").textContent = on ? "Pause" : "Play";
}

// Azimuth, elevation, zoom, focus, peel, caution pair, its share.
function sampled(t) {
  const at = t / Math.max(line.duration, 1e-6) * (line.count - 1);
  const i = Math.min(Math.max(Math.floor(at), 0), line.count - 2), mix = at - i;
  const found = Array.from({ length: 7 }, (_, k) =>
    rows[9 * i + k] * (1 - mix) + rows[9 * (i + 1) + k] * mix);
  const near = 9 * (mix < 0.5 ? i : i + 1);
  return [...found, rows[near + 7], rows[near + 8]];
}

function captionAt(t) {
  const found = line.captions.find(([start, end]) => start <= t && t < end);
  return found ? found[2] : "";
}

function draw() {
  const width = canvas.clientWidth, height = canvas.clientHeight;
  const v = sampled(state.t);
  if (state.followCamera) Object.assign(eye.pose,
    { azimuth: v[0], elevation: v[1], zoom: v[2], focus: [v[3], v[4], v[5]] });
  if (state.followPeel) state.peel = v[6];
  renderer.setSize(width, height, false);
  eye.apply(width, height);
  torso.peel(state.peel);
  if (state.warn) torso.caution(state.pair, 1);
  else torso.caution(v[7], v[8]);
  const active = torso.show(state.t);
  renderer.render(torso.scene, eye.camera);
  tell(v, active);
}

function tell(v, active) {
  const sides = eye.sides(), p = eye.pose;
  el("toward-left").textContent = sides.left;
  el("toward-right").textContent = sides.right;
  const view = page.views.find(([, , a, e]) => Math.abs(p.elevation - e) < 12 &&
    (Math.abs(e) > 80 || Math.abs((p.azimuth - a + 540) % 360 - 180) < 12));
  el("view").textContent = [view ? view[1] : "", page.atlas].filter(Boolean).join(" · ");
  const layer = Math.min(Math.max(Math.round(state.peel), 0), 7);
  el("layer").textContent = page.layers[layer];
  [...el("layers").children].forEach((item, i) => item.classList.toggle("now", i === layer));
  el("peel").value = state.peel;
  el("time").value = state.t;
  const clock = (t) => `${Math.floor(t / 60)}:${String(Math.floor(t % 60)).padStart(2, "0")}`;
  el("clock").textContent = `${clock(state.t)} / ${clock(line.duration)}`;
  el("caption").textContent = captionAt(state.t);
  const shown = state.warn ? state.pair : v[7];
  el("legend").hidden = shown < 0;
  if (shown >= 0) el("pair").value = String(shown);
  const told = active.length ? active[0].beneath.filter(([t]) => t <= state.t).pop() ||
    active[0].beneath[0] : null;
  el("beneath").hidden = !told;
  if (told) {
    const lines = told[1].map(([name, mm]) => `${name} ${mm} mm`);
    el("beneath").innerText = ["Beneath the hand", ...lines].join("\n");
  }
}

function hover() {
  const at = state.pointer;
  const found = at && torso.pick(eye.camera, 2 * at[0] / canvas.clientWidth - 1,
    1 - 2 * at[1] / canvas.clientHeight);
  if (found !== state.hovered) {
    if (state.hovered) state.hovered.uniforms.emphasis.value = 0;
    if (found && found !== torso.skin) found.uniforms.emphasis.value = 1;
    state.hovered = found;
    state.stale = true;
  }
  const label = el("name");
  label.hidden = !found;
  if (!found) return;
  const { english, latin, side } = found.row;
  const latinName = document.createElement("i");
  latinName.textContent = latin;
  label.replaceChildren(side === "midline" ? english : `${english} (${side})`,
    ...(latin ? [document.createElement("br"), latinName] : []));
  label.style.left = `${Math.min(at[0] + 14, window.innerWidth - 330)}px`;
  label.style.top = `${at[1] + 16}px`;
}

listen(canvas, eye, () => { state.followCamera = false; state.stale = true; },
  (at) => { state.pointer = at; state.moved = true; });
el("peel").oninput = (event) => setPeel(event.target.value);
el("time").oninput = (event) => { play(false); state.followCamera = state.followPeel = true;
  seek(event.target.value); };
el("play").onclick = () => play(!state.playing);
el("marks").onchange = (event) => { state.followCamera = state.followPeel = true;
  seek(event.target.value); };
el("warn").onchange = (event) => { state.warn = event.target.checked;
  state.pair = Number(el("pair").value); state.stale = true; };
el("pair").onchange = (event) => { state.pair = Number(event.target.value); state.warn = true;
  el("warn").checked = true; state.stale = true; };
window.addEventListener("resize", () => { state.stale = true; });
window.addEventListener("keydown", (event) => {
  if (event.target instanceof HTMLSelectElement) return;
  const views = { Digit1: event.shiftKey ? 0 : 180, Digit3: event.shiftKey ? -90 : 90 };
  if (event.code in views) look(views[event.code], 0);
  else if (event.code === "Digit7") look(0, 89.9);
  else if (event.code === "Space" && !(event.target instanceof HTMLButtonElement)) {
    event.preventDefault();
    play(!state.playing);
  }
});

let last = null;
function frame(now) {
  if (state.playing && last !== null) {
    seek(state.t + Math.min((now - last) / 1000, 0.25));
    if (state.t >= line.duration) play(false);
  }
  last = now;
  if (state.stale) {
    state.stale = false;
    draw();
    if (state.pointer && !state.playing) state.moved = true;  // what lies there may be another
  }
  if (state.moved) { state.moved = false; hover(); }
  window.requestAnimationFrame(frame);
}
draw();
window.palpate = { state, eye, torso, seek, setPeel, look, draw, play };
document.documentElement.dataset.ready = "yes";
window.requestAnimationFrame(frame);
