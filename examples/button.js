// A button opens a binding window, and a light shows whether the device is bound.
var WifiBinding = require("WifiBinding");
WifiBinding.on("bound", function (event) {
  digitalWrite(LED1, event.bound);
});
WifiBinding.on("window", function (event) {
  print("bindable for", event.seconds, "s");
});
WifiBinding.on("error", function (event) {
  print(event.code, event.number || "", event.message);
});
WifiBinding.start(require("Storage").readJSON("binding.json", true));
setWatch(
  function () {
    WifiBinding.openWindow();
  },
  BTN1,
  { repeat: true, edge: "falling", debounce: 50 },
);
