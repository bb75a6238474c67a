// Believable people and procedures. No person here exists.
import type { FieldTile, PaperNeeded, Person, ProcedureTile, Text } from "../bindings";

export const text = (vi: string, en = vi): Text => ({ vi, en });
const ASK = text("hỏi cán bộ", "ask the officer");

export const SITE = text("Chi nhánh số 1, Trung tâm Phục vụ hành chính công thành phố Hà Nội", "Branch 1, Hanoi Public Administration Service Centre");

export const FIELDS: FieldTile[] = [
  ["ho-tich", "Hộ tịch", "Civil status"], ["chung-thuc", "Chứng thực", "Certified copies and signatures"],
  ["dat-dai", "Đất đai, đăng ký biện pháp bảo đảm", "Land and secured transactions"], ["bao-tro", "Bảo trợ xã hội", "Social support"],
  ["kinh-doanh", "Thành lập và hoạt động của hộ kinh doanh", "Household businesses"], ["giao-duc", "Giáo dục và đào tạo", "Education"],
  ["nguoi-co-cong", "Người có công", "People of merit"], ["xay-dung", "Quy hoạch, xây dựng", "Planning and building"],
].map(([id, vi, en]) => ({ id: id as string, name: text(vi as string, en as string), procedures: 0 }));

const paper = (id: string, vi: string, en: string, amount: Partial<PaperNeeded>): PaperNeeded => ({
  id, name: text(vi, en), original: 0, certified: 0, copies: 0, shown_only: false, required: true, ...amount,
});
const procedure = (code: string, field: string, vi: string, en: string, more: Partial<ProcedureTile> = {}): ProcedureTile => ({
  code, name: text(vi, en), field, instant: false, limit: ASK, fee: ASK, fee_by_page: false, fee_known: false, authority: text("Ủy ban nhân dân cấp xã", "Commune people's committee"),
  papers: null, source: null, ...more,
});

export const PROCEDURES: ProcedureTile[] = [
  procedure("1.004873", "ho-tich", "Cấp Giấy xác nhận tình trạng hôn nhân", "Certificate of marital status", {
    limit: text("3 ngày làm việc", "3 working days"), fee: text("15.000 đ", "15,000 VND"),
    papers: [
      paper("to-khai", "Tờ khai cấp Giấy xác nhận tình trạng hôn nhân", "Application form", { original: 1 }),
      paper("can-cuoc", "Căn cước hoặc hộ chiếu của người yêu cầu", "Identity card or passport", { shown_only: true }),
      paper("ly-hon", "Trích lục ghi chú ly hôn, giấy chứng tử của vợ hoặc chồng (nếu đã từng kết hôn)", "Divorce extract or death certificate of the spouse, if married before", { copies: 1, required: false }),
    ],
  }),
  procedure("1.001193", "ho-tich", "Đăng ký khai sinh", "Birth registration", { limit: text("Trong ngày", "Same day"), fee: text("Miễn phí", "Free"), papers: [paper("giay-chung-sinh", "Giấy chứng sinh", "Hospital birth record", { original: 1 })] }),
  procedure("1.000894", "ho-tich", "Đăng ký kết hôn", "Marriage registration", {
    papers: [
      paper("to-khai", "Tờ khai đăng ký kết hôn (hai bên có thể dùng chung)", "Application form, one for both", { original: 1 }),
      paper("xac-nhan-hon-nhan", "Giấy xác nhận tình trạng hôn nhân, nếu không thường trú tại nơi đăng ký", "Certificate of marital status, if living elsewhere", { original: 1, required: false }),
      paper("ly-hon", "Trích lục ghi chú ly hôn, nếu đã ly hôn ở nước ngoài", "Record of a divorce made abroad, if any", { original: 1, required: false }),
    ],
  }),
  procedure("1.000656", "ho-tich", "Đăng ký khai tử", "Death registration"),
  procedure("1.004859", "ho-tich", "Thay đổi, cải chính, bổ sung thông tin hộ tịch, xác định lại dân tộc", "Change, correct or complete a civil status record"),
  procedure("1.000110", "ho-tich", "Đăng ký khai sinh có yếu tố nước ngoài tại khu vực biên giới", "Birth registration with a foreign element in a border area"),
  procedure("1.000080", "ho-tich", "Đăng ký nhận cha, mẹ, con có yếu tố nước ngoài tại khu vực biên giới", "Recognition of parent and child with a foreign element in a border area"),
  procedure("2.000815", "chung-thuc", "Chứng thực bản sao từ bản chính giấy tờ, văn bản do cơ quan, tổ chức có thẩm quyền của Việt Nam cấp hoặc chứng nhận", "Certified copies of papers issued by Vietnamese agencies", {
    instant: true, fee_by_page: true, fee_known: true, limit: text("Trong ngày; sau 15 giờ thì ngày làm việc kế tiếp", "Same day; after 15:00 the next working day"),
    fee: text("2.000 đ/trang, từ trang thứ ba 1.000 đ, tối đa 200.000 đ/bản", "2,000 VND a page, 1,000 from the third, at most 200,000 a copy"),
    papers: [paper("ban-chinh", "Bản chính giấy tờ, văn bản", "The original", { shown_only: true }), paper("ban-sao", "Bản sao cần chứng thực", "The copies to certify", { copies: 1 })],
  }),
  procedure("2.000884", "chung-thuc", "Chứng thực chữ ký trong giấy tờ, văn bản (áp dụng cho cả trường hợp chứng thực điểm chỉ và trường hợp người yêu cầu chứng thực không ký, không điểm chỉ được)", "Certified signature", { instant: true }),
  procedure("2.001035", "chung-thuc", "Chứng thực hợp đồng, giao dịch liên quan đến tài sản là động sản, quyền sử dụng đất và nhà ở", "Certified contracts on movables, land and housing"),
  procedure("1.012769", "dat-dai", "Đăng ký biến động quyền sử dụng đất, quyền sở hữu tài sản gắn liền với đất", "Change of land and house ownership"),
  procedure("1.001612", "kinh-doanh", "Đăng ký thành lập hộ kinh doanh", "Register a household business"),
  procedure("1.001776", "bao-tro", "Thực hiện, điều chỉnh, thôi hưởng trợ cấp xã hội hằng tháng, hỗ trợ kinh phí chăm sóc, nuôi dưỡng hằng tháng", "Monthly social support"),
  procedure("1.004442", "giao-duc", "Công nhận trường mầm non đạt chuẩn quốc gia", "Kindergarten standard"),
  procedure("1.010833", "nguoi-co-cong", "Cấp giấy xác nhận thân nhân của người có công", "Certificate for relatives of people of merit"),
  procedure("1.009994", "xay-dung", "Cấp giấy phép xây dựng mới đối với công trình cấp III, cấp IV và nhà ở riêng lẻ", "Building permit for a house"),
];
for (const field of FIELDS) field.procedures = PROCEDURES.filter((p) => p.field === field.id).length;

export type Card = { id: string; label: Text; person: Person; defect: Text | null; breaks: string | null; elderly: boolean };

const person = (name: string, number: string, birth: string, sex: string, residence: string): Person => ({
  name, number, masked_number: `${number.slice(0, 3)}•••••${number.slice(-4)}`, birth, sex, residence, old_number: null, evidence: "qr", warnings: [],
});

export const CARDS: Card[] = [
  { id: "thao", label: text("Căn cước 2024", "Card of 2024"), person: person("Nguyễn Thị Phương Thảo Hoàng Ngân", "001199000123", "1999-02-15", "Nữ", "Số 258 Võ Chí Công, phường Tây Hồ, thành phố Hà Nội"), defect: null, breaks: null, elderly: false },
  { id: "mau", label: text("CCCD gắn chip 2021", "Chip card of 2021"), person: person("Trần Văn Mẫu", "001049004567", "1949", "Nam", "Ngõ 12 Hàng Trống, phường Hoàn Kiếm, thành phố Hà Nội"), defect: text("chỉ có năm sinh", "birth year only"), breaks: null, elderly: true },
  { id: "phone", label: text("Không phải thẻ", "Not a card"), person: person("Mã quảng cáo", "000000000000", "", "", ""), defect: text("mã QR của cửa hàng", "a shop's QR code"), breaks: "CARD-QR-NOT-ID", elderly: false },
];

/** Folds a text the way the catalogue's search does: no marks, đ as d, small letters. */
export function folded(words: string): string {
  return words.normalize("NFD").replace(/\p{M}/gu, "").replace(/[đĐ]/g, "d").toLowerCase();
}
