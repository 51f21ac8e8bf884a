// The torso, hands and trails as three.js meshes. Inner layers are drawn before outer ones that
// let them through, each once for its depth alone and once in colour, as in the viewer.
const KINDS = { f4: Float32Array, u2: Uint16Array, u1: Uint8Array, i1: Int8Array,
  u4: Uint32Array };

class Block {
  constructor(text) {
    const raw = atob(text.trim());
    this.bytes = new Uint8Array(raw.length);
    for (let i = 0; i < raw.length; i++) this.bytes[i] = raw.charCodeAt(i);
  }
  get([kind, offset, count]) { return new KINDS[kind](this.bytes.buffer, offset, count); }
}

const vec4 = (x, y, z, w) => new THREE.Vector4(x, y, z, w);

class Torso {
  constructor(page, block) {
    this.page = page;
    this.block = block;
    this.scene = new THREE.Scene();
    this.pieces = page.structures.map((row, index) => this.piece(row, index));
    this.skin = this.pieces.find((piece) => piece.row.id === "skin");
    this.table = block.get(page.peel.table);
    this.verdicts = page.caution ? block.get(page.caution.verdict) : null;
    this.hands = [0, 1].map(() => this.hand());
    this.passages = page.passages.map((row) => ({ ...row, rows: block.get(row.rows) }));
    this.ribbons = [0, 1, 2, 3].map(() => this.ribbon());
    this.shapes = {};
    this.pairShown = -1;
  }

  material(skin, more) {
    const s = this.page.shaders;
    const uniforms = { tint: { value: new THREE.Vector3(1, 1, 1) }, veil: { value: 1 },
      emphasis: { value: 0 }, look: { value: 0 }, warned: { value: 0 },
      bend: { value: new THREE.Vector3() }, reach: { value: 62 },
      isHand: { value: 0 } };
    for (const i of [0, 1]) {
      uniforms["patch" + i] = { value: vec4(0, 0, 1e6, 1) };
      uniforms["press" + i] = { value: vec4(0, 0, 1, 0) };
      uniforms["sort" + i] = { value: vec4(0, 0, 0, 0) };
    }
    return new THREE.ShaderMaterial({ uniforms, vertexShader: s.vertex,
      fragmentShader: skin ? s.skin : s.tissue, ...more });
  }

  // Two meshes of one geometry: the first leaves depth alone, for what lets something through.
  pair(geometry, skin, order, more) {
    const colour = this.material(skin, more);
    const depth = colour.clone();
    depth.uniforms = colour.uniforms;
    depth.transparent = true;
    depth.colorWrite = false;
    const meshes = [depth, colour].map((material, i) => {
      const mesh = new THREE.Mesh(geometry, material);
      mesh.renderOrder = order + i;
      mesh.frustumCulled = false;
      this.scene.add(mesh);
      return mesh;
    });
    return { meshes, uniforms: colour.uniforms, colour };
  }

  piece(row, index) {
    const get = (name) => this.block.get(row[name]);
    const packed = get("position"), count = packed.length / 3;
    const position = new Float32Array(packed.length);
    for (let i = 0; i < packed.length; i++) position[i] = row.low[i % 3] + row.step * packed[i];
    const fibre = new Float32Array(packed.length);
    if (row.fibre) {
      const along = get("fibre"), tendon = get("tendon");
      for (let i = 0; i < count; i++) {
        fibre[3 * i] = row.fibreLow[0] + along[2 * i] * 0.05;
        fibre[3 * i + 1] = row.fibreLow[1] + along[2 * i + 1] * 0.05;
        fibre[3 * i + 2] = tendon[i] / 255;
      }
    }
    const geometry = new THREE.BufferGeometry();
    const put = (name, values, width, whole) =>
      geometry.setAttribute(name, new THREE.BufferAttribute(values, width, whole));
    put("position", position, 3);
    put("normal", get("normal"), 3, true);
    put("openness", get("open"), 1, true);
    put("fibre", fibre, 3);
    put("share", new Uint8Array(4 * (row.id === "skin" ? count : 1)), 4, true);
    if (row.id !== "skin") put("share", new Uint8Array(4 * count), 4, true);
    geometry.setIndex(new THREE.BufferAttribute(get("faces"), 1));
    geometry.computeBoundingSphere();
    const side = row.provenance === "imported" ? THREE.DoubleSide : THREE.FrontSide;
    const made = this.pair(geometry, row.id === "skin", 10 * (7 - row.layer), { side });
    made.uniforms.tint.value.set(...row.colour.map((value) => value / 255));
    made.uniforms.look.value = row.look;
    made.meshes[1].userData.index = index;
    return { ...made, row, opacity: 0 };
  }

  peel(depth) {
    const { step } = this.page.peel, row = Math.round(Math.min(Math.max(depth, 0), 7) / step);
    this.pieces.forEach((piece, i) => {
      const opacity = this.table[row * this.pieces.length + i] / 255;
      piece.opacity = opacity;
      piece.meshes[0].visible = opacity > 0.02 && opacity < 0.999;
      piece.meshes[1].visible = opacity > 0.02;
      piece.colour.transparent = opacity < 0.999;
      piece.uniforms.veil.value = opacity;
    });
  }

  caution(pair, share) {
    if (!this.skin || !this.verdicts) return;
    this.skin.uniforms.warned.value = pair < 0 ? 0 : share;
    if (pair < 0 || pair === this.pairShown) return;
    this.pairShown = pair;
    const target = this.skin.meshes[1].geometry.getAttribute("share");
    const count = target.count;
    target.array.fill(0);
    for (let i = 0; i < count; i++) target.array[4 * i + this.verdicts[pair * count + i]] = 255;
    target.needsUpdate = true;
  }

  hand() {
    const made = this.pair(new THREE.BufferGeometry(), false, 90, { transparent: true });
    made.uniforms.tint.value.set(...this.page.colours.hand.map((value) => value / 255));
    made.uniforms.isHand.value = 1;
    made.uniforms.veil.value = 0.5;
    made.meshes.forEach((mesh) => { mesh.visible = false; mesh.matrixAutoUpdate = false; });
    return made;
  }

  shape(kind, left) {
    const key = kind + left;
    if (this.shapes[key]) return this.shapes[key];
    const row = this.page.hands[kind], geometry = new THREE.BufferGeometry();
    const position = this.block.get(row.position).slice(), normal = this.block.get(row.normal).slice();
    const faces = this.block.get(row.faces).slice(), count = position.length / 3;
    if (left) {
      for (let i = 1; i < position.length; i += 3) { position[i] *= -1; normal[i] *= -1; }
      for (let i = 0; i < faces.length; i += 3) [faces[i], faces[i + 2]] = [faces[i + 2], faces[i]];
    }
    const put = (name, values, width, whole) =>
      geometry.setAttribute(name, new THREE.BufferAttribute(values, width, whole));
    put("position", position, 3);
    put("normal", normal, 3, true);
    put("openness", this.block.get(row.open), 1, true);
    put("fibre", new Float32Array(3 * count), 3);
    put("share", new Uint8Array(4 * count), 4, true);
    geometry.setIndex(new THREE.BufferAttribute(faces, 1));
    this.shapes[key] = geometry;
    return geometry;
  }

  ribbon() {
    const material = new THREE.MeshBasicMaterial({ vertexColors: true, transparent: true,
      side: THREE.DoubleSide, depthWrite: false });
    const mesh = new THREE.Mesh(new THREE.BufferGeometry(), material);
    mesh.renderOrder = 80;
    mesh.frustumCulled = false;
    mesh.visible = false;
    this.scene.add(mesh);
    return mesh;
  }

  // 15 numbers a sample: position, ahead, normal, roll, dent, bend, verdict.
  at(passage, t) {
    const share = (t - passage.start) / (passage.end - passage.start) * (passage.count - 1);
    const i = Math.min(Math.max(Math.floor(share), 0), passage.count - 2), mix = share - i;
    const value = (k) => passage.rows[15 * i + k] * (1 - mix) + passage.rows[15 * (i + 1) + k] * mix;
    const found = Array.from({ length: 14 }, (_, k) => value(k));
    found.push(Math.max(passage.rows[15 * i + 14], passage.rows[15 * (i + 1) + 14]));
    return found;
  }

  show(t) {
    const active = this.passages.filter((item) => item.start <= t && t <= item.end);
    this.hands.forEach((hand, index) => {
      const passage = active[index], u = this.skin && this.skin.uniforms;
      hand.meshes.forEach((mesh) => { mesh.visible = Boolean(passage); });
      if (!passage) { if (u) { u["sort" + index].value.y = 0; u["press" + index].value.w = 0; } return; }
      const v = this.at(passage, t);
      const n = new THREE.Vector3(v[6], v[7], v[8]).normalize();
      const x = new THREE.Vector3(v[3], v[4], v[5]);
      x.addScaledVector(n, -x.dot(n)).normalize();
      const y = new THREE.Vector3().crossVectors(n, x);
      const base = new THREE.Matrix4().makeBasis(x, y, n).setPosition(
        v[0] - v[10] * n.x, v[1] - v[10] * n.y, v[2] - v[10] * n.z);
      base.multiply(new THREE.Matrix4().makeRotationX(v[9]));
      const geometry = this.shape(passage.hand, passage.left);
      hand.meshes.forEach((mesh) => { mesh.geometry = geometry; mesh.matrix.copy(base);
        mesh.matrixWorldNeedsUpdate = true; });
      hand.uniforms.bend.value.set(v[11], v[12], v[13]);
      u["patch" + index].value.set(v[0], v[1], v[2], passage.radius);
      u["press" + index].value.set(n.x, n.y, n.z, v[10]);
      u["sort" + index].value.set(v[14], 1, 1 / Math.max(passage.radius, 1e-3), 0);
    });
    const life = this.page.timeline.trail;
    const walked = this.passages.filter((item) => item.start < t && t - life < item.end);
    this.ribbons.forEach((mesh, index) => this.trail(mesh, walked[index], t, life));
    return active;
  }

  trail(mesh, passage, t, life) {
    mesh.visible = false;
    if (!passage) return;
    const step = (passage.end - passage.start) / (passage.count - 1), points = [];
    for (let i = 0; i < passage.count; i++) {
      const when = passage.start + i * step;
      if (when <= t && when >= t - life) points.push([i, t - when]);
    }
    if (points.length < 2) return;
    const bands = [-1, -0.62, -0.62, 0.62, 0.62, 1], { half, lift } = this.page.ribbon;
    const position = [], colour = [], index = [];
    let across = null;
    points.forEach(([i, age], row) => {
      const o = 15 * i, r = passage.rows;
      const before = 15 * Math.max(i - 1, points[0][0]), after = 15 * Math.min(i + 1, points[points.length - 1][0]);
      const ahead = new THREE.Vector3(r[after] - r[before], r[after + 1] - r[before + 1], r[after + 2] - r[before + 2]);
      const n = new THREE.Vector3(r[o + 6], r[o + 7], r[o + 8]);
      const side = ahead.cross(n);
      if (side.length() > 1e-6 || !across) across = side.normalize().clone();
      const fresh = Math.min(Math.max(1 - age / life, 0), 1), wide = half * (0.35 + 0.65 * fresh);
      const verdict = new THREE.Color(this.page.verdicts[r[o + 14]].colour);
      bands.forEach((band, k) => {
        position.push(r[o] + lift * n.x + band * wide * across.x,
          r[o + 1] + lift * n.y + band * wide * across.y, r[o + 2] + lift * n.z + band * wide * across.z);
        const inner = k === 2 || k === 3;
        colour.push(...(inner ? [verdict.r, verdict.g, verdict.b] : [1, 1, 1]), 0.94 * fresh ** 1.3);
        if (row + 1 < points.length && k % 2 === 0) {
          const a = 6 * row + k;
          index.push(a, a + 1, a + 7, a, a + 7, a + 6);
        }
      });
    });
    const g = new THREE.BufferGeometry();
    g.setAttribute("position", new THREE.Float32BufferAttribute(position, 3));
    g.setAttribute("color", new THREE.Float32BufferAttribute(colour, 4));
    g.setIndex(index);
    mesh.geometry.dispose();
    mesh.geometry = g;
    mesh.visible = true;
  }

  pick(camera, x, y) {
    const caster = new THREE.Raycaster();
    caster.setFromCamera(new THREE.Vector2(x, y), camera);
    const shown = this.pieces.filter((piece) => piece.opacity > 0.5).map((piece) => piece.meshes[1]);
    const hit = caster.intersectObjects(shown)[0];
    return hit ? this.pieces[hit.object.userData.index] : null;
  }
}
