/** Clicks on buttons before the page's scripts are there wait for them; they would be lost. No module: it runs first. */

{
  const early = [];
  const keep = (event) => {
    const button = event.target.closest("button[type=button]");
    if (button) early.push(button);
  };
  document.addEventListener("click", keep, true);
  document.addEventListener("DOMContentLoaded", () => {
    document.removeEventListener("click", keep, true);
    for (const button of early) button.click();
  });
}
