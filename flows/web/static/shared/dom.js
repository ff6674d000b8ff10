/** Elements without markup strings: whatever comes from a transcript only ever becomes a text node. */

/**
 * Make an element.
 *
 * @param {string} tag Name, with classes after dots: `el("p.quiet")`.
 * @param {Object<string, *>} [properties] `on: {click: f}`, `data: {id: 3}`, `colour: domain`; else attributes.
 *   true sets an empty attribute; false, null and undefined set none.
 * @param {...(Node|string|number|null|false|undefined|Array)} children Strings become text nodes; nothing is left out.
 * @returns {HTMLElement}
 */
export function el(tag, properties = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const element = document.createElement(name || "div");
  if (classes.length) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(properties)) set(element, key, value);
  append(element, children);
  return element;
}

function set(element, key, value) {
  if (value === false || value === null || value === undefined) return;
  if (key === "on") for (const [event, run] of Object.entries(value)) element.addEventListener(event, run);
  else if (key === "data") Object.assign(element.dataset, value);
  else if (key === "colour") paint(element, value);
  else if (key === "value") element.value = value;
  else element.setAttribute(key, value === true ? "" : String(value));
}

function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false) element.append(child);
  }
}

/**
 * Replace what an element holds.
 *
 * @param {Element} element
 * @param {...*} children As for `el`.
 */
export function fill(element, ...children) {
  element.replaceChildren();
  append(element, children);
  return element;
}

/**
 * Give an element its domain's colour as `--c`, in light and dark.
 *
 * @param {HTMLElement} element
 * @param {{light: string, dark: string}|undefined} domain
 */
export function paint(element, domain) {
  if (domain) element.style.setProperty("--c", `light-dark(${domain.light}, ${domain.dark})`);
}

/** Say something to screen readers without moving the focus. */
export function announce(text) {
  const live = document.getElementById("live");
  live.textContent = "";
  requestAnimationFrame(() => {
    live.textContent = text;
  });
}

let fading = 0;

/**
 * Show a line at the foot of the page for a few seconds, and say it.
 *
 * @param {string} text
 * @param {{label: string, run: function(): void}} [action] A button beside it, such as Undo.
 */
export function flash(text, action) {
  const box = document.getElementById("flash");
  const act = () => {
    box.hidden = true;
    action.run();
  };
  fill(box, el("span", {}, text), action && el("button.link", { type: "button", on: { click: act } }, action.label));
  box.hidden = false;
  fade(box);
  announce(text);
}

/** Hide a box after a while, but not from under a pointer or the focus. */
function fade(box) {
  clearTimeout(fading);
  fading = setTimeout(() => {
    if (box.matches(":hover, :focus-within")) fade(box);
    else box.hidden = true;
  }, 6000);
}

/** @param {number} probability 0 to 1. @returns {string} `72%`; `<1%` and `>99%` where rounding would say never or always. */
export function percent(probability) {
  if (probability > 0 && probability < 0.005) return "<1%";
  return probability < 1 && probability >= 0.995 ? ">99%" : `${Math.round(100 * probability)}%`;
}

/** @param {number} n @param {string} one @param {string} [many] @returns {string} `1 code`, `2 codes` */
export const counted = (n, one, many = `${one}s`) => `${n.toLocaleString("en")} ${n === 1 ? one : many}`;

/** @param {number|null|undefined} seconds @returns {string} `1:02:03`, `2:03`; empty where there is no time. */
export function clock(seconds) {
  if (seconds === null || seconds === undefined) return "";
  const [h, m, s] = [seconds / 3600, (seconds / 60) % 60, seconds % 60].map(Math.floor);
  const two = (n) => String(n).padStart(2, "0");
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/**
 * A probability as a bar and a number.
 *
 * @param {number} probability
 * @returns {HTMLElement}
 */
export function meter(probability) {
  const fillBar = el("i.fill");
  fillBar.style.setProperty("--part", String(probability));
  return el("span.meter", {}, el("i.track", { "aria-hidden": "true" }, fillBar), el("b", {}, percent(probability)));
}
