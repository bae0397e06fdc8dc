/**
 * Adds an element. Never by HTML: texts come from servers. A part of the page's script: it uses nothing but its
 * arguments (`VIEW_PARTS`).
 */
export function addElement(to: Node, className: string, text = '', role = '', tag = 'div'): HTMLElement {
  const element = (to.ownerDocument as Document).createElement(tag);
  element.className = className;
  element.textContent = text;
  if (role) element.role = role;
  return to.appendChild(element);
}
