import { mutation } from './common.js';

export default mutation('request', ['src/client/{targets,http-delegate}.ts', 'src/http/{url,params,headers,body}.ts']);
