/** The style of the picture, for its shadow tree. The color of a state is `--c`, and its sign `--g`. */
export const VIEW_STYLE = `:host{--soft:light-dark(#567,#9ab);display:block;color-scheme:light dark;color:CanvasText;background:Canvas;font:14px/1.4 system-ui}
*{box-sizing:border-box;margin:0}[hidden]{display:none!important}
:focus-visible{outline:2px solid;outline-offset:-2px}
.tools,.legend{display:flex;flex-wrap:wrap;gap:.3rem 1rem;padding:.5rem .6rem}
.tools b{flex:1}
button{color:inherit;font:inherit}
.tools button{padding:.2rem .6rem;border:1px solid var(--soft);border-radius:.3rem;background:none}
[aria-pressed=true]{background:CanvasText!important;color:Canvas}
.scroller{max-height:var(--waterfall-height,26rem);overflow:auto;scroll-padding-top:2rem;border:solid #8883;border-width:1px 0;container-type:inline-size}
.row{contain:strict;display:grid;grid-template:2rem/18rem 13rem 1fr;height:calc(2rem + 1px);border-bottom:1px solid #8883;background:Canvas}
.row[id]:hover{background:#8881}
.top{position:sticky;top:0;z-index:1;color:var(--soft)}
.name,.result{align-content:center;padding:0 .6rem;overflow:hidden;white-space:nowrap;text-overflow:ellipsis}
.result{color:var(--c,var(--soft))}
.track{position:relative;overflow:clip;background:linear-gradient(90deg,#8883 1px,#0000 1px) 0/calc(100%*var(--tick)/var(--span))}
.track i{position:absolute;left:calc(100%*var(--at)/var(--span));padding:.3rem;font:.8rem system-ui;white-space:nowrap}
.running{--c:light-dark(#15c,#8bf);--g:"…"}.succeeded{--c:light-dark(#074,#5d9);--g:"✓"}.retried{--c:light-dark(#950,#fb5);--g:"↻"}.failed{--c:light-dark(#b22,#f88);--g:"✕"}
.cancelled,.superseded,.waiting,.held{--c:var(--soft);--g:""}.cancelled{--g:"⊘"}
.result:before{content:var(--g,"") " "}
.bar{--p:color-mix(in srgb,var(--c) 20%,Canvas);--length:calc(var(--to) - var(--from));position:absolute;top:.3rem;left:calc(100%*(var(--at) + var(--from))/var(--span));width:calc(100%*var(--length)/var(--span));min-width:5px;height:1.4rem;padding:0 3px;overflow:hidden;border:1.5px solid var(--c);border-radius:3px;background:var(--p);font:600 11px/1.2rem system-ui;contain:strict}
.bar:before{content:var(--g) " "}
.bar.running{border-right-style:dotted}
.bar.succeeded{border-radius:.7rem}
.bar.retried{background:repeating-linear-gradient(-55deg,var(--p) 0 5px,color-mix(in srgb,var(--c) 32%,Canvas) 5px 7px)}
.bar.failed{min-width:1.2rem;border-left-width:5px;border-radius:0}
.bar.cancelled,.bar.superseded{border-style:dashed;background:none}
.body:after{content:"";position:absolute;inset:auto 0 0 calc(100%*(var(--headers) - var(--from))/var(--length));height:4px;background:var(--c)}
.two .bar:not(.waiting,.held){top:.15rem;height:.85rem;font-size:9px;line-height:.7rem}
.two .hedge{top:1.05rem!important}.hedge{--c:light-dark(#639,#caf);border-left-width:5px}
.bar.waiting{border-width:0 0 2px;border-bottom-style:dotted;border-radius:0;background:none;height:.75rem}
.bar.held{background:repeating-linear-gradient(90deg,var(--soft) 0 1px,#0000 1px 5px)}
.legend span{display:flex;flex-direction:row-reverse;gap:.4rem;color:var(--soft);font-size:.8rem}
.legend .bar{position:relative;inset:0;width:1.6rem;height:1.2rem}
.tip{position:fixed;inset:auto;max-width:min(36rem,100vw);max-height:60vh;padding:.6rem;overflow:auto;border:1px solid var(--soft);border-radius:.3rem;background:Canvas;color:CanvasText;white-space:pre-wrap;overflow-wrap:anywhere;tab-size:5rem;font:13px/1.5 system-ui}
.tip:first-line{font-weight:600}
@container (width<44rem){.row{height:3.7rem;grid-template:1.6rem 2rem/1fr auto}.track{grid-column:span 2}.top .row{height:1.9rem;grid-template:0 1.8rem/1fr 0}}
@media (forced-colors:active){.track,.legend{forced-color-adjust:none;--soft:CanvasText}.bar{--c:CanvasText!important;--p:Canvas!important}}`;
