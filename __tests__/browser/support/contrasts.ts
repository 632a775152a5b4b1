/** How well each text of an element can be told from what is behind it, by WCAG 2.2. It is sent to the page as text. */
export function contrasts(panel: Element): { text: string; ratio: number }[] {
  const channels = (color: string): number[] => (color.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = (color: string): number => {
    const [r = 0, g = 0, b = 0] = channels(color).map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const background = (element: Element): string => {
    const color = getComputedStyle(element).backgroundColor;
    return channels(color)[3] === 0 ? background(element.parentElement ?? panel) : color;
  };
  const texts = [...(panel.shadowRoot?.querySelectorAll('*') ?? [])].filter(
    (each) => each.children.length === 0 && each.textContent !== '' && each.checkVisibility(),
  );
  return texts.map((each) => {
    const [light = 0, dark = 0] = [getComputedStyle(each).color, background(each)]
      .map(luminance)
      .sort((one, other) => other - one);
    return { text: each.textContent ?? '', ratio: (light + 0.05) / (dark + 0.05) };
  });
}
