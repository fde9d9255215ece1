// Sleeps for ten minutes whenever it has been in the cloud for five seconds as a bound device.
var WifiBinding = require("WifiBinding");
function sleep() {
  WifiBinding.stop();
  // What was sent last leaves, and the sockets close.
  setTimeout(function () {
    ESP32.deepSleep(600000000);
  }, 200);
}
WifiBinding.on("state", function (event) {
  if (event.state == "bound") setTimeout(sleep, 5000);
});
WifiBinding.start(require("Storage").readJSON("binding.json", true));
