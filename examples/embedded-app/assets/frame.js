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
  var news = document.getElementById("frame-news");
  var left = false;
  // One message at a time: a page posts the next one before the first is answered.
  var before = Promise.resolve();
  window.addEventListener("message", function (event) {
    if (event.origin !== frame.dataset.origin || event.source !== frame.contentWindow) {
      return;
    }
    var data = event.data || {};
    // A `type` beside the others only says that a session has ended, not how.
    var action = data.action || data.sessionEndType || data.type;
    if (typeof action === "string") {
      before = before.then(function () { return left ? undefined : passOn(action); });
    }
  });
  function passOn(action) {
    news.textContent = "One moment, we are checking with the vendor.";
    return fetch(frame.dataset.message, { method: "POST", body: new URLSearchParams({ action: action }) })
      .then(function (response) { return response.json(); })
      .then(function (answer) {
        news.textContent = "";
        if (answer.go) {
          left = true;
          window.location.assign(answer.go);
        }
      })
      .catch(function () { news.textContent = ""; });
  }
})();
