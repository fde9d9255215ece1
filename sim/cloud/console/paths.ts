/** Where the console's page calls the cloud. */
export const CONSOLE = {
  feed: "/dev/console/feed",
  frame: "/dev/console/frames/:number",
  product: "/dev/console/products/:pk",
  bind: "/dev/console/bind",
  binding: "/dev/devices/:pk/:dk/bindings/:user",
  press: "/dev/devices/:pk/:dk/press",
  data: "/dev/devices/:pk/:dk/data",
} as const;
