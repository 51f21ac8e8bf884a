// The camera of the viewer: azimuth 0 from behind, +90 from the subject's left; LPS, mm.
const rad = (degrees) => degrees * Math.PI / 180;

class Eye {
  constructor(frame) {
    this.frame = frame;
    this.pose = { azimuth: 0, elevation: 0, zoom: 1, focus: frame.centre.slice() };
    this.camera = new THREE.PerspectiveCamera(frame.opening, 1, 10, 20000);
  }

  apply(width, height) {
    const { azimuth, elevation, zoom, focus } = this.pose, f = this.frame;
    const a = rad(azimuth), e = rad(elevation);
    this.outward = [Math.sin(a) * Math.cos(e), Math.cos(a) * Math.cos(e), Math.sin(e)];
    this.up = [-Math.sin(a) * Math.sin(e), -Math.cos(a) * Math.sin(e), Math.cos(e)];
    this.right = [-Math.cos(a), Math.sin(a), 0];
    const tall = f.height * Math.abs(Math.cos(e)) + f.depth * Math.abs(Math.sin(e));
    const high = Math.max(tall, Math.max(f.width, f.depth) * height / width) / f.fill / zoom;
    const slope = Math.tan(rad(f.opening / 2));
    const far = high / 2 / slope + f.height / 2 * Math.abs(Math.sin(e)) / zoom;
    this.high = 2 * slope * far;
    const c = this.camera;
    c.aspect = width / height;
    c.near = Math.max(far - 1500, 10);
    c.far = far + 1500;
    c.position.set(...focus.map((value, i) => value + far * this.outward[i]));
    c.up.set(...this.up);
    c.lookAt(...focus);
    c.updateProjectionMatrix();
    c.updateMatrixWorld();
  }

  // What the picture's left and right edge show: R and L, from the side A and P.
  sides() {
    const pairs = ["LR", "PA", "SI"], r = this.right;
    const axis = Math.abs(r[0]) >= Math.abs(r[1]) ? 0 : 1;
    const [plus, minus] = pairs[axis];
    return r[axis] > 0 ? { right: plus, left: minus } : { right: minus, left: plus };
  }

  turn(across, down) {
    const p = this.pose;
    p.azimuth = ((p.azimuth + 220 * across + 180) % 360 + 360) % 360 - 180;
    p.elevation = Math.min(Math.max(p.elevation + 220 * down, -89.9), 89.9);
  }

  pan(across, down) {
    this.pose.focus = this.pose.focus.map(
      (value, i) => value + this.high * (down * this.up[i] - across * this.right[i]));
  }

  zoom(factor) { this.pose.zoom = Math.min(Math.max(this.pose.zoom * factor, 0.3), 25); }
}

// Left drag turns, middle or Shift+left drag pans, wheel or right drag zooms, as in the window.
function listen(canvas, eye, moved, hovered) {
  const fingers = new Map();
  canvas.addEventListener("contextmenu", (event) => event.preventDefault());
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, [event.clientX, event.clientY]);
  });
  const lift = (event) => fingers.delete(event.pointerId);
  canvas.addEventListener("pointerup", lift);
  canvas.addEventListener("pointercancel", lift);
  canvas.addEventListener("pointerleave", () => hovered(null));
  canvas.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) { hovered([event.clientX, event.clientY]); return; }
    const tall = canvas.clientHeight;
    const across = (event.clientX - before[0]) / tall, down = (event.clientY - before[1]) / tall;
    if (fingers.size > 1) {
      const others = [...fingers].filter(([id]) => id !== event.pointerId)[0][1];
      const span = (at) => Math.hypot(at[0] - others[0], at[1] - others[1]);
      eye.zoom(span([event.clientX, event.clientY]) / Math.max(span(before), 1));
    } else if (event.buttons & 2) eye.zoom(Math.exp(-3 * down));
    else if (event.buttons & 4 || event.shiftKey) eye.pan(across, down);
    else eye.turn(-across, down);
    fingers.set(event.pointerId, [event.clientX, event.clientY]);
    moved();
  });
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    eye.zoom(Math.exp(-0.0015 * event.deltaY));
    moved();
  }, { passive: false });
}
