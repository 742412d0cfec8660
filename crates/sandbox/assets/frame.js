// Tells the page that frames this one how the visit ended, then goes where the application wants the browser.
{
  const { action, next } = document.currentScript.dataset;
  if (window.parent !== window) {
    window.parent.postMessage({ action }, "*");
  }
  if (next) {
    window.location.replace(next);
  }
}
