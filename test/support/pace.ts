/**
 * Time of a device that passes only when the test says so, in every engine: a network that is slow on a busy machine takes
 * none of it. Delays under 100 ms run at the machine's own pace.
 */

import type { Device } from "../../sim/emulator/index.js";

/** Boot code. `pass()` makes happen what falls due next; `short()` says how many short delays have not ended. */
export const PACE = `(function(){
var time=0,queue=[],short=[],last=1e6,real=setTimeout,clear=clearTimeout;
function at(ms){return time+(ms||0)/1000}
function end(id){short=short.filter(function(one){return one!=id})}
function put(f,ms,every,a,b){queue.push({id:++last,at:at(ms),every:every,f:f,a:a,b:b});return last}
global.getTime=function(){return time};
global.setTimeout=function(f,ms,a,b){
  if(ms>=100)return put(f,ms,0,a,b);
  var due=at(ms),id=real(function(){end(id);time=Math.max(time,due);f(a,b)},ms||0);
  short.push(id);
  return id};
global.short=function(){return short.length};
global.setInterval=function(f,ms){return put(f,ms,ms)};
global.clearTimeout=global.clearInterval=function(id){
  if(id>1e6)queue=queue.filter(function(one){return one.id!=id});else{end(id);clear(id)}};
global.pass=function(){
  var next=queue[0];
  queue.forEach(function(one){if(one.at<next.at)next=one});
  if(!next)return;
  time=Math.max(time,next.at);
  if(next.every)next.at=at(next.every);else queue=queue.filter(function(one){return one!=next});
  setTimeout(next.f,0,next.a,next.b)};
})();`;

/** Turns in which a device has read what was sent to it: it answers the console and its sockets in the same loop. */
const TURNS = 4;

export async function turns(device: Device): Promise<void> {
  for (let n = 0; n < TURNS; n++) {
    if (await device.eval("short()")) n = 0;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/**
 * Lets time pass until something is seen.
 * @param settle waits for what follows from one timer
 * @returns the seconds that passed
 */
export async function pass(device: Device, look: () => unknown, settle: () => Promise<unknown>): Promise<number> {
  const start = Number(await device.eval("getTime()"));
  for (await settle(); !look(); await settle()) await device.eval("(pass(),0)");
  return Number(await device.eval("getTime()")) - start;
}
