// A lamp: the button switches it, the cloud and apps set "switch" (1) and "brightness" (2), and every change is reported.
var WifiBinding = require("WifiBinding");
WifiBinding.start(require("Storage").readJSON("binding.json", true));
var data = require("WifiBindingData").start(WifiBinding);
var lamp = { 1: false, 2: 100 };
function set(values) {
  for (var id in values) if (id in lamp) lamp[id] = values[id];
  analogWrite(LED1, lamp[1] ? lamp[2] / 100 : 0);
  data.report(lamp, { latest: true });
}
data.on("write", set);
data.on("read", function (ids, answer) {
  answer(lamp);
});
setWatch(() => set({ 1: !lamp[1] }), BTN1, { repeat: true, edge: "falling", debounce: 50 });
