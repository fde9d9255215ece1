/** The thing model of the demo product, a lamp: examples/lamp.js is its application. */

export const LAMP = {
  properties: [
    {
      id: 1,
      code: "switch",
      name: "Switch",
      type: "PROPERTY",
      subType: "RW",
      dataType: "BOOL",
      specs: [
        { dataType: "BOOL", name: "on", value: "true" },
        { dataType: "BOOL", name: "off", value: "false" },
      ],
    },
    {
      id: 2,
      code: "brightness",
      name: "Brightness",
      type: "PROPERTY",
      subType: "RW",
      dataType: "INT",
      specs: { min: "0", max: "100", step: "1", unit: "%" },
    },
  ],
};
