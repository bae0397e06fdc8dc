import { mutation } from './common.js';

export default mutation('request', ['src/{request,url,params,headers,body,http-host}.ts']);
