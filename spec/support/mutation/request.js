import { mutation } from './common.js';

export default mutation('request', ['src/{target,url,params,headers,body,http-host}.ts']);
