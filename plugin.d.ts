/**
 * The types of `callgate/plugin` for plugins in folders from which no node_modules leads to callgate: name this file
 * in a `/// <reference path="..." />`. `callgate plugin new` does.
 */
declare module "callgate/plugin" {
  export type Json = import("./dist/plugins/api.d.ts").Json;
  export type Settings = import("./dist/plugins/api.d.ts").Settings;
  export type Setting = import("./dist/plugins/api.d.ts").Setting;
  export type Call = import("./dist/plugins/api.d.ts").Call;
  export type Result = import("./dist/plugins/api.d.ts").Result;
  export type Tool = import("./dist/plugins/api.d.ts").Tool;
  export type LocalTime = import("./dist/plugins/api.d.ts").LocalTime;
  export type Evidence = import("./dist/plugins/api.d.ts").Evidence;
  export type Counter = import("./dist/plugins/api.d.ts").Counter;
  export type CallAnswer = import("./dist/plugins/api.d.ts").CallAnswer;
  export type ResultAnswer = import("./dist/plugins/api.d.ts").ResultAnswer;
  export type Context<Config = Settings> = import("./dist/plugins/api.d.ts").Context<Config>;
  export type CallContext<Config = Settings> = import("./dist/plugins/api.d.ts").CallContext<Config>;
  export type ResultContext<Config = Settings> = import("./dist/plugins/api.d.ts").ResultContext<Config>;
  export type Command<Config = Settings> = import("./dist/plugins/api.d.ts").Command<Config>;
  export type Plugin<Config = Settings> = import("./dist/plugins/api.d.ts").Plugin<Config>;
}
