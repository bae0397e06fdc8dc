// A sign that does not fit into its bar wraps out of it, after a space without width.
/** The style of the picture, for its shadow tree. The color of a state is `--c`, and its sign `--g`. */
export const VIEW_STYLE = `:host{--soft:light-dark(#567,#9ab);background:Canvas;color-scheme:light dark;color:CanvasText;font:14px/1.4 system-ui}
*{box-sizing:border-box;margin:0}
:focus-visible{outline-offset:-2px;outline:2px solid}
.tools,.legend{display:flex;flex-wrap:wrap;gap:.3rem 1rem;padding:.5rem .6rem}
.tools b{flex:1}
button{background:none;border-radius:.3rem;border:1px solid var(--soft);color:inherit;font:inherit;padding:.2rem .6rem}
[aria-pressed=true]{background:CanvasText;color:Canvas}
.scroller{border:solid #8883;border-width:1px 0;container-type:inline-size;max-height:var(--waterfall-height,26rem);overflow:auto;scroll-padding-top:2rem}
.row{border-bottom:1px solid #8883;contain:strict;display:grid;grid-template:2rem/18rem 13rem 1fr;height:calc(2rem + 1px)}
.row[id]:hover{background:#8881}
.top{background:Canvas;color:var(--soft);position:sticky;top:0;z-index:1}
.name,.result{align-content:center;overflow:hidden;padding:0 .6rem;text-overflow:ellipsis;white-space:nowrap}
.result{color:var(--c,var(--soft))}
.track{background:linear-gradient(90deg,#8883 1px,#0000 1px) 0/calc(100%*var(--tick)/var(--span));position:relative}
.top .track *{font-size:.8rem;left:calc(100%*var(--at)/var(--span));padding:.3rem;position:absolute;white-space:nowrap}
.running{--c:light-dark(#15c,#8bf);--g:"…"}.succeeded{--c:light-dark(#074,#5d9);--g:"✓"}.retried{--c:light-dark(#950,#fb5);--g:"↻"}.failed{--c:light-dark(#b22,#f88);--g:"✕"}
.cancelled,.superseded,.waiting,.held{--c:var(--soft);--g:""}.cancelled{--g:"⊘"}
.bar{--length:calc(var(--to) - var(--from));--p:color-mix(in srgb,var(--c) 20%,Canvas);background:var(--p);border-radius:3px;border:1.5px solid var(--c);contain:strict;font:600 11px/1.2rem system-ui;forced-color-adjust:none;height:1.4rem;left:calc(100%*(var(--at) + var(--from))/var(--span));min-width:5px;padding:0 3px;position:absolute;top:.3rem;width:calc(100%*var(--length)/var(--span))}
.bar:before,.result:before{content:"\u200b" var(--g,"") " "}
.bar.running{border-right-style:dotted}
.bar.succeeded{border-radius:.7rem}
.bar.retried{background:repeating-linear-gradient(-55deg,var(--p) 0 5px,color-mix(in srgb,var(--c) 32%,Canvas) 5px 7px)}
.bar.failed{border-left-width:5px;border-radius:0;min-width:1.5rem}
.bar.cancelled,.bar.superseded{background:none;border-style:dashed}
.body:after{border-top:4px solid var(--c);content:"";inset:auto 0 0 calc(100%*(var(--headers) - var(--from))/var(--length));position:absolute}
.track:has(.hedge) .bar:not(.waiting,.held){font-size:9px;height:.85rem;line-height:.7rem;top:.15rem}
.track .hedge{top:1.05rem!important}.hedge{--c:light-dark(#639,#caf);border-left-width:5px}
.bar.waiting{background:none;border-bottom-style:dotted;border-radius:0;border-width:0 0 2px;height:.75rem}
.bar.held{background:repeating-linear-gradient(90deg,var(--soft) 0 1px,#0000 1px 5px)}
.legend span{color:var(--soft);display:flex;flex-direction:row-reverse;font-size:.8rem;gap:.4rem}
.legend .bar{height:1.2rem;inset:0;position:relative;width:1.6rem}
.tip{border-radius:.3rem;border:1px solid var(--soft);font-size:13px;inset:auto;max-height:60vh;max-width:min(36rem,100%);overflow-wrap:anywhere;padding:.6rem;tab-size:5rem;white-space:pre-wrap}
.tip:first-line{font-weight:600}
@container (width<44rem){.row{grid-template:1.6rem 2rem/1fr auto;height:3.7rem}.track{grid-column:span 2}.top .row{grid-template:0 1.8rem/1fr 0;height:1.9rem}}`;
