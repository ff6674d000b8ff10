/**
 * Light, dark, or as the system: kept in localStorage, set before the first paint.
 * Every colour in the style sheets is a light-dark() pair, so one attribute on the root is all there is to it.
 */

const KEY = "precode.theme";
const ORDER = ["system", "light", "dark"];
const SIGN = { system: "◐", light: "☀", dark: "☾" };
const NAME = { system: "as the system", light: "light", dark: "dark" };

/** @returns {"system"|"light"|"dark"} */
export function theme() {
  const kept = localStorage.getItem(KEY);
  return ORDER.includes(kept) ? kept : "system";
}

/** Go on to the next theme and keep it. */
export function nextTheme() {
  localStorage.setItem(KEY, ORDER[(ORDER.indexOf(theme()) + 1) % ORDER.length]);
  apply();
}

/** Put the kept theme on the page and its name on the switch. */
export function apply() {
  document.documentElement.dataset.theme = theme();
  const button = document.getElementById("theme");
  if (!button) return;
  button.textContent = SIGN[theme()];
  button.setAttribute("aria-label", `Theme: ${NAME[theme()]}`);
}

apply();
