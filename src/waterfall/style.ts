/** The style of the picture, for its shadow tree. The color of a state is `--c`, and its sign `--g`. */
export const VIEW_STYLE = `:host{--paper:light-dark(#fff,#14171b);--ink:light-dark(#1c1f24,#e6e9ee);--soft:light-dark(#5b6573,#9aa4b2);--rule:light-dark(#e3e7ec,#2a3038);
display:block;color-scheme:light dark;color:var(--ink);background:var(--paper);font:14px/1.4 system-ui,sans-serif}
*{box-sizing:border-box;margin:0}[hidden]{display:none!important}
:focus-visible{outline:2px solid;outline-offset:-2px}
.tools,.legend{display:flex;flex-wrap:wrap;gap:.3rem 1rem;padding:.5rem .6rem}
.tools b{flex:1}
.tools button{padding:.2rem .7rem;border:1px solid var(--soft);border-radius:.4rem;background:none;color:inherit;font:inherit}
[aria-pressed=true]{background:var(--ink)!important;color:var(--paper)!important}
.scroller{max-height:var(--waterfall-height,26rem);overflow:auto;scroll-padding-top:2rem;border:solid var(--rule);border-width:1px 0;container-type:inline-size}
.row{contain:strict;display:grid;grid-template:2rem/18rem 13rem 1fr;height:calc(2rem + 1px);border-bottom:1px solid var(--rule);background:var(--paper)}
.row:hover{--paper:light-dark(#f4f6f9,#1c2127)}
.top{position:sticky;top:0;z-index:1;color:var(--soft)}
.name,.result{align-content:center;padding:0 .6rem;overflow:hidden;white-space:nowrap;text-overflow:ellipsis}
.result{color:var(--c,var(--soft))}
.track{position:relative;overflow:clip;background:linear-gradient(90deg,var(--rule) 1px,#0000 1px) 0/var(--tick)}
.track i{position:absolute;padding:.4rem .3rem;font:.8rem system-ui;white-space:nowrap}
.running{--c:light-dark(#1b5cc4,#8db8ff);--g:"…"}.succeeded{--c:light-dark(#0d7a48,#5fd39b);--g:"✓"}.retried{--c:light-dark(#9a5a00,#f0b65a);--g:"↻"}.failed{--c:light-dark(#b8201c,#ff8f88);--g:"✕"}
.cancelled,.superseded,.waiting,.held{--c:var(--soft);--g:""}.cancelled{--g:"⊘"}
.result:before{content:var(--g,"") " "}
.bar{--p:color-mix(in srgb,var(--c) 20%,var(--paper));position:absolute;inset:.3rem auto;min-width:5px;height:1.4rem;padding:0 3px;overflow:hidden;border:1.5px solid var(--c);border-radius:3px;background:var(--p);color:var(--ink);
font:600 11px/1.2rem system-ui;contain:strict}
.bar:before{content:var(--g) " "}
.bar.running{border-right-style:dotted}
.bar.succeeded{border-radius:.7rem}
.bar.retried{background:repeating-linear-gradient(-55deg,var(--p) 0 5px,color-mix(in srgb,var(--c) 32%,var(--paper)) 5px 7px)}
.bar.failed{min-width:1.2rem;border-left-width:5px;border-radius:0}
.bar.cancelled,.bar.superseded{border-style:dashed;background:none}
.body:after{content:"";position:absolute;inset:auto 0 0 var(--headers);height:4px;background:var(--c)}
.two .bar:not(.waiting,.held){top:.15rem;height:.85rem;font-size:9px;line-height:.7rem}
.two .hedge{top:1.05rem!important}.hedge{--c:light-dark(#6c3fa8,#c9a6ff);border-left-width:5px}
.bar.waiting{border-width:0 0 2px;border-bottom-style:dotted;border-radius:0;background:none;height:.75rem}
.bar.held{background:repeating-linear-gradient(90deg,var(--soft) 0 1px,#0000 1px 5px)}
.legend span{display:flex;flex-direction:row-reverse;gap:.4rem;color:var(--soft);font-size:.8rem}
.legend .bar{position:relative;inset:0;width:1.6rem;height:1.2rem}
.tip{position:fixed;inset:auto;max-width:min(36rem,100vw);max-height:60vh;padding:.6rem .8rem;overflow:auto;border:1px solid var(--soft);border-radius:.5rem;background:var(--paper);color:var(--ink);white-space:pre-wrap;overflow-wrap:anywhere;tab-size:5rem;font:13px/1.5 system-ui}
.tip:first-line{font-weight:600}
@container (width<44rem){.row{height:3.7rem;grid-template:1.6rem 2rem/1fr auto}.track{grid-column:span 2}.top .row{height:1.9rem;grid-template:0 1.8rem/1fr 0}}
@media (forced-colors:active){.track,.legend{forced-color-adjust:none;--paper:Canvas;--ink:CanvasText;--soft:CanvasText}.bar{--c:CanvasText!important;--p:Canvas!important}}`;
