// The light is off at rest, blinks until the device is in the cloud, and is lit while it is bound.
var WifiBinding = require("WifiBinding");
var state = "idle";
WifiBinding.on("state", function (event) {
  state = event.state;
  digitalWrite(LED1, state == "bound");
});
setInterval(function () {
  if (state == "idle" || state == "bound") return;
  digitalWrite(LED1, !digitalRead(LED1));
}, 250);
WifiBinding.start(require("Storage").readJSON("binding.json", true));
