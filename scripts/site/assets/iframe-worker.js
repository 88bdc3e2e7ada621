// The search runs in a worker, and browsers start none for pages that are opened from disk. There, a hidden frame runs its script.
// The name of this file keeps the site generator from loading a substitute of this kind from another server.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(script) {
      super();
      const frame = document.createElement("iframe");
      frame.hidden = true;
      document.body.append(frame);
      this.inner = frame.contentWindow;
      this.inner.postMessage = (data) => this.tell(new MessageEvent("message", { data: structuredClone(data) }));
      const element = frame.contentDocument.createElement("script");
      element.src = script;
      this.started = new Promise((resolve) => element.addEventListener("load", resolve));
      element.addEventListener("error", () => this.tell(new ErrorEvent("error", { cancelable: true })));
      frame.contentDocument.body.append(element);
    }

    // Like those of a worker, messages arrive later, and as copies.
    tell(event) {
      setTimeout(() => {
        this.dispatchEvent(event);
        this[`on${event.type}`]?.(event);
      });
    }

    postMessage(data) {
      const copy = this.inner.structuredClone(data);
      this.started.then(() => this.inner.dispatchEvent(new this.inner.MessageEvent("message", { data: copy })));
    }

    terminate() {
      this.inner.frameElement.remove();
    }
  };
}
