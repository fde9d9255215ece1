/** Instructions of a QoS 1 publish with its acknowledgement, by callgrind, over a socket that answers by itself. */

import { needInterpreter } from "./figure.js";
import type { Client } from "./mqtt-programs.js";
import { count, hasValgrind } from "./work.js";

/** Publishes are counted as the difference between so many and twice as many. */
const PUBLISHES = 200;

/** The broker: CONNACK, SUBACK and PUBACK to what is written, each in a turn of its own. Lengths have one byte here. */
const NET = `exports.connect=function(options,opened){
function answer(bytes){setTimeout(function(){s.emit("data",bytes)},0)}
var s={write:function(b){
for(;b;b=b.substr(2+b.charCodeAt(1))){
var type=b.charCodeAt(0)>>4;
if(type==1)answer("\\x20\\x02\\0\\0");
if(type==8)answer("\\x90\\x03"+b.substr(2,2)+"\\1");
if(type==3)answer("\\x40\\x02"+b.substr(4+b.charCodeAt(3),2))}},end:function(){}};
setTimeout(opened,0);return s}`;

const program = (client: Client, publishes: number): string => `
Modules.addCached("net",${JSON.stringify(NET)});
Modules.addCached("C",${JSON.stringify(client.module)});
var M=require("C"),c,P,up=0,ready=0,got=[],next,left=${publishes};
${client.program}
function go(){if(left-->0)pub("payload",1,go);else{clearInterval();clearTimeout()}}
make(1);open();
var start=setInterval(function(){if(ready){clearInterval(start);go()}},10);`;

/** @returns NaN where there is no valgrind */
export async function instructions(client: Client): Promise<number> {
  if (!hasValgrind()) return NaN;
  const [once, twice] = await Promise.all(
    [PUBLISHES, 2 * PUBLISHES].map((publishes) => count(needInterpreter(), program(client, publishes))),
  );
  return Math.round((twice - once) / PUBLISHES);
}
