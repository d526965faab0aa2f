var o={};export{o as locales};
