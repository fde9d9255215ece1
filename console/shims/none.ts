/** What a browser does not have: sockets. The app is given another transport, so that none of this is called. */

const none = (): never => {
  throw new Error("a browser has no sockets");
};

export const connect = none;
export const createSocket = none;
export const networkInterfaces = none;
export const isIPv4 = (text: string): boolean => /^\d{1,3}(\.\d{1,3}){3}$/.test(text);
