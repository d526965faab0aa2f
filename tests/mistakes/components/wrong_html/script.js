console.log("no function in here");
