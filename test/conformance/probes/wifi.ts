/** Probes of the radio's module. */

import type { Group } from "../group.js";

export const wifi: Group = {
  now: {
    "what Wifi has": `const W = require("Wifi"); return [typeof W.connect, typeof W.disconnect, typeof W.scan, typeof W.startAP, typeof W.stopAP, typeof W.getIP, typeof W.getAPIP, typeof W.getDetails, typeof W.getStatus, typeof W.on];`,
  },
  later: {
    "Wifi: joins": `
    const W = require("Wifi"), seen = [];
    W.on("associated", function (d) { seen.push("associated", d.ssid); });
    W.on("connected", function (d) { seen.push("connected", d.ip); });
    W.connect("home", { password: "secret12" }, function (error) {
      seen.push("callback", error, W.getIP().ip, W.getDetails().ssid, W.getStatus().station);
      setTimeout(function () { W.removeAllListeners("associated"); W.removeAllListeners("connected"); out(seen); }, 20);
    });`,
    "Wifi: leaves": `
    const W = require("Wifi"), seen = [];
    W.on("disconnected", function (d) { seen.push(d.ssid, d.reason, d.msg); });
    W.disconnect(function () { seen.push("callback"); });
    setTimeout(function () { W.removeAllListeners("disconnected"); out([seen, W.getIP().ip]); }, 50);`,
    "Wifi: wrong password": `
    const W = require("Wifi"), seen = [];
    W.on("disconnected", function (d) { seen.push(d.msg, typeof d.reason); });
    W.connect("home", { password: "wrong" }, function (error) { seen.push(error); });
    setTimeout(function () { W.removeAllListeners("disconnected"); out(seen); }, 200);`,
    "Wifi: no such network": `
    require("Wifi").connect("nowhere", {}, function (error) { out(error); });`,
    "Wifi: a network without DHCP": `
    const W = require("Wifi"), seen = [];
    W.on("associated", function () { seen.push("associated"); });
    W.connect("dumb", {}, function (error) { seen.push("callback"); });
    setTimeout(function () { W.removeAllListeners("associated"); W.disconnect(); out(seen); }, 200);`,
    "Wifi: scan": `
    require("Wifi").scan(function (found) {
      out(found.map(function (n) { return [n.ssid, n.rssi, n.authMode]; }));
    });`,
    "Wifi: an access point": `
    const W = require("Wifi"), seen = [];
    try { W.startAP("ap", { password: "short" }, function () {}); } catch (e) { seen.push("threw"); }
    W.startAP("ap", { password: "longenough", authMode: "wpa2" }, function (error) {
      seen.push(error, W.getAPIP().ip);
      W.stopAP(function () { seen.push(W.getAPIP().ip); out(seen); });
    });`,
    "Wifi: details": `
    const W = require("Wifi");
    W.connect("home", { password: "secret12" }, function () { const d = W.getDetails(); out([d.ssid, parseInt(String(d.rssi)), typeof d.status]); });`,
    "Wifi: joined twice": `
    const W = require("Wifi"), seen = [];
    W.connect("home", { password: "secret12" }, function (e) { seen.push(e); W.connect("home", { password: "secret12" }, function (e) { seen.push(e); out(seen); }); });`,
  },
};
