export default {
  // Without it Babel would make CommonJS of every file.
  transform: {},
};
