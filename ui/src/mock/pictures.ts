// Pictures that the real station would render: a ticket, a receipt, a QR code. Drawn as SVG, good enough to look at.

const svg = (width: number, height: number, body: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">${body}</svg>`;
const url = (picture: string) => `data:image/svg+xml;utf8,${encodeURIComponent(picture)}`;

/** A square that looks like a QR code for these letters. */
export function qr(letters: string, size = 174): string {
  const cells = 29;
  const cell = size / cells;
  let seed = [...letters].reduce((sum, c) => (sum * 31 + (c.codePointAt(0) ?? 0)) >>> 0, 7);
  let body = `<rect width="${size}" height="${size}" fill="#fff"/>`;
  for (let i = 0; i < cells * cells; i += 1) {
    seed = (seed * 1664525 + 1013904223) >>> 0;
    if (seed & 0x10000) body += `<rect x="${(i % cells) * cell}" y="${Math.floor(i / cells) * cell}" width="${cell}" height="${cell}"/>`;
  }
  const eye = (x: number, y: number) =>
    `<g transform="translate(${x * cell} ${y * cell})"><rect width="${7 * cell}" height="${7 * cell}"/><rect x="${cell}" y="${cell}" width="${5 * cell}" height="${5 * cell}" fill="#fff"/><rect x="${2 * cell}" y="${2 * cell}" width="${3 * cell}" height="${3 * cell}"/></g>`;
  return svg(size, size, body + eye(0, 0) + eye(22, 0) + eye(0, 22));
}

export function ticketPicture(number: string, service: string): string {
  return url(svg(576, 620, `<rect width="576" height="620" fill="#fff"/><g font-family="sans-serif" text-anchor="middle">
    <text x="288" y="60" font-size="26">Trung tâm Phục vụ hành chính công</text><text x="288" y="220" font-size="150" font-weight="700">${number}</text>
    <text x="288" y="280" font-size="24">${service.slice(0, 40)}</text></g><g transform="translate(188 330)">${qr(number, 200)}</g>`));
}

export function receiptPicture(code: string, name: string, due: string): string {
  return url(svg(592, 840, `<rect width="592" height="840" fill="#fff"/><g font-family="sans-serif">
    <text x="296" y="60" font-size="15" text-anchor="middle" font-weight="700">CỘNG HOÀ XÃ HỘI CHỦ NGHĨA VIỆT NAM</text>
    <text x="296" y="84" font-size="14" text-anchor="middle">Độc lập - Tự do - Hạnh phúc</text>
    <text x="296" y="150" font-size="20" text-anchor="middle" font-weight="700">GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ</text>
    <text x="40" y="210" font-size="16">Mã hồ sơ: ${code}</text><text x="40" y="240" font-size="16">Người nộp: ${name}</text>
    <text x="40" y="270" font-size="16">Hẹn trả: ${due}</text></g><g transform="translate(400 180)">${qr(code, 140)}</g>`));
}

/** A drawn face: nobody's. */
export const PORTRAIT = `data:image/svg+xml,${encodeURIComponent('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 128"><rect width="96" height="128" fill="#dce6f2"/><path d="M12 128c0-30 16-40 36-40s36 10 36 40z" fill="#37517e"/><ellipse cx="48" cy="54" rx="24" ry="30" fill="#e8c3a0"/><path d="M22 48c2-26 50-26 52 0-12-12-40-12-52 0z" fill="#2b2b2b"/></svg>')}`;
