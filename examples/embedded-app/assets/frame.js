// Signing in a frame. A page of ours that finds itself in the frame takes the whole window; the page around the frame
// passes on what the vendor's page posts. Without this script everything can still be reached by its links.
(function () {
  "use strict";
  if (window.top !== window.self) {
    try {
      window.top.location.replace(window.location.href);
    } catch (error) {
      // Framed by somebody else: the links lead out.
    }
    return;
  }
  var frame = document.getElementById("signing");
  if (!frame) {
    return;
  }
  var left = false;
  window.addEventListener("message", function (event) {
    if (left || event.origin !== frame.dataset.origin || event.source !== frame.contentWindow) {
      return;
    }
    var data = event.data || {};
    var action = data.action || data.type || data.sessionEndType;
    if (typeof action !== "string") {
      return;
    }
    left = true;
    document.getElementById("frame-news").textContent = "One moment, we are checking with the vendor.";
    fetch(frame.dataset.message, { method: "POST", body: new URLSearchParams({ action: action }) })
      .then(function (response) { return response.json(); })
      .then(function (answer) {
        if (answer.go) {
          window.location.assign(answer.go);
        } else {
          left = false;
          document.getElementById("frame-news").textContent = "";
        }
      })
      .catch(function () { left = false; });
  });
})();
