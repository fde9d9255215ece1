/** The MQTT clients to compare, as modules, and the little program around each that makes them do the same things. */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { bundle } from "../compiler/bundle.js";
import { asBuilt, minified } from "./minify.js";

export interface Client {
  name: string;
  /** Text of the module. */
  module: string;
  /**
   * Program around it, after `var M=require(…)`: defines `make(port)`, `open(onUp)` with `up`, `got` and a subscription
   * to `t`, and `pub(payload, qos, done)`, which publishes to `p`.
   */
  program: string;
  /** Expression that makes a second instance. */
  second: string;
  /** Whether it publishes with QoS 1. */
  qos1: boolean;
  /** Whether it tells what was not acknowledged: the program has `resend(port, flight)` then, and `n`, `acked`, `last`. */
  resends?: boolean;
}

/** Our client, made as the firmware has it, with a socket of its own in place of the cloud. */
const OURS = `
import { createMqtt } from "./src/cloud/mqtt.js";
let take;
const hal = {
  after: (ms, work) => ({ _id: setTimeout(work, ms) }),
  cancel: (timer) => { if (timer && timer._id) clearTimeout(timer._id); },
  now: () => getTime() * 1000,
  connect(host, port, tls, events) {
    const socket = require("net").connect({ host: host, port: port }, events.opened);
    socket.on("data", events.received);
    socket.on("close", events.closed);
    return {
      send(bytes) {
        if (socket.dSnd && socket.dSnd.length > 4096) return false;
        socket.write(bytes);
        return true;
      },
      end: () => socket.end(),
    };
  },
};
const client = createMqtt(hal, {
  opened() {},
  connack: (code) => take("connack", code),
  suback: (code) => take("suback", code),
  message(payload) { take("message", payload); return true; },
  lost: (code) => take("lost", code),
});
exports.create = (listener) => { take = listener; };
exports.open = (port) => client.open({ host: "127.0.0.1", port: port }, undefined, { clientId: "c", user: "u", pass: "p", alive: 60 }, "t");
exports.close = () => client.close();
exports.send = (payload) => client.send("p", payload);
exports.publish = (payload, done, again) => client.publish("p", payload, done, again);
`;

const EXPORTS = ["create", "open", "close", "send", "publish"];

const USE_OURS = `
function make(port){P=port;M.create(function(e,v){if(e=="connack"){if(!v)up=1}else if(e=="suback")ready=1;
else if(e=="message")got.push(v)})}
function open(){M.open(P)}
function pub(m,q,done){if(q)M.publish(m,done);else M.send(m)}
var n=0,acked=0,last=1e9,waiting=[];
function number(k,again){M.publish(String(k),function(ok){if(!ok)return waiting.push(k);acked++;if(n<last)number(++n)},again)}
function resend(port,flight){M.create(function(e,v){
if(e=="connack"&&!v){var w=waiting;waiting=[];w.forEach(function(k){number(k,1)});while(n<flight)number(++n)}
else if(e=="lost"){M.close();setTimeout(M.open,0,port)}});M.open(port)}`;

const USE_MQTT = `
function make(port){c=M.create("127.0.0.1",{port:port,client_id:"c",username:"u",password:"p"});
c.on("connected",function(){up=1;c.subscribe("t")});c.on("subscribed",function(){ready=1});
c.on("message",function(t,m){got.push(m)});c.on("error",function(){});c.on("puback",function(){if(next)next()})}
function open(){c.connect()}
function pub(m,q,done){next=done;c.publish("p",m,{qos:q})}`;

const USE_TINY = `
function make(port){c=M.create("127.0.0.1",{port:port,username:"u",password:"p",reconnect_interval:50});
c.on("connected",function(){up=1;setTimeout(function(){c.subscribe("t");ready=1},100)});
c.on("message",function(m){got.push(m.message)})}
function open(){c.connect()}
function pub(m){c.publish("p",m)}`;

/** Ours is its module's only instance: a second one is the module once more. */
const SECOND_OF_OURS = 'Modules.addCached("D",require("Storage").read("C")),M=require("D"),make(1)';

const PEERS = [
  { name: "MQTT", program: USE_MQTT, qos1: true },
  { name: "tinyMQTT", program: USE_TINY, qos1: false },
];

/** Ours first; then those whose file is in the folder. */
export async function clients(folder: string | undefined): Promise<Client[]> {
  const ours = {
    name: "ours",
    module: await asBuilt(await bundle(OURS), EXPORTS),
    program: USE_OURS,
    second: SECOND_OF_OURS,
    qos1: true,
    resends: true,
  };
  const peers = PEERS.filter(({ name }) => folder && existsSync(join(folder, `${name}.js`))).map(async (peer) => {
    const source = readFileSync(join(folder!, `${peer.name}.js`), "utf8").replace(/[^\x00-\x7f]/g, "?");
    return { ...peer, second: "next=c,make(1)", module: await minified(source) };
  });
  return [ours, ...(await Promise.all(peers))];
}
