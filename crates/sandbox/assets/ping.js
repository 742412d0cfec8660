// Tells the application again and again that the signer is here. The answer does not matter.
{
  const { url, seconds } = document.currentScript.dataset;
  const ping = () => fetch(url, { mode: "no-cors", credentials: "omit", cache: "no-store" }).catch(() => {});
  ping();
  setInterval(ping, Number(seconds) * 1000);
}
