// Makes a module for jest of the script for pages: axios is what the script takes from the page.
module.exports = {
  process: (code) => ({ code: `const axios = require('axios');\n${code}\nmodule.exports = axiosClientCache;` }),
};
