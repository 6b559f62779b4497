// Opens the shop in a window of fitting size. Without this file the button's named target opens a tab.
document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-popup]");
  if (!button) return;
  window.open("", button.formTarget, "popup,width=1180,height=860");
  const told = button.form.querySelector("[data-opened]");
  if (told) told.hidden = false;
});
