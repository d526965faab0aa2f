import "../../../genui/static/genui.js";

document.body.append(document.createElement("genui-chat"));
