#include "decode/json_reader.h"

#include <algorithm>

#include "base/text.h"

namespace yagura::decode {
namespace {

using event::JsonDocument;

// Records that start this close to the end of a region are checked to be complete before they are
// offered.
constexpr size_t kMargin = size_t{256} << 10;
constexpr uint64_t kFreeWaste = 1 << 20;
constexpr uint64_t kMaxWaste = 8;  // times the text read so far
constexpr size_t kMaxStarts = 8;
constexpr size_t kMaxStartBytes = 64;

bool is_blank(char c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

}  // namespace

JsonReader::JsonReader(TextWindow& window,
                       Delivery& delivery,
                       JsonDocument& document,
                       size_t window_bytes)
    : window_(window),
      delivery_(delivery),
      document_(document),
      unwrapper_(delivery),
      window_bytes_(window_bytes),
      text_(window.text()),
      region_want_(window_bytes) {}

void JsonReader::run() {
    while (!done_) {
        if ((++steps_ & 0xFF) == 0 && delivery_.stop()) return;
        step();
    }
}

void JsonReader::step() {
    if (long_value_) return skip_long();
    skip_blanks();
    if (pos_ == text_.size()) {
        if (!more(window_bytes_)) finish();
        return;
    }
    const char c = text_[pos_];
    switch (place_) {
        case Place::top:
            return at_top(c);
        case Place::wrapper:
            return in_wrapper(c);
        default:
            return in_array(c);
    }
}

void JsonReader::skip_blanks() {
    while (pos_ < text_.size() && is_blank(text_[pos_])) ++pos_;
}

// Drops what has been read and reads on. Positions start anew at the first unread byte.
bool JsonReader::more(size_t step) {
    window_.drop(pos_);
    const bool grown = window_.grow(step);
    text_ = window_.text();
    pos_ = 0;
    region_begin_ = region_end_ = 0;
    return grown;
}

void JsonReader::at_top(char c) {
    if (c == '[') return open_array(Place::array);
    if (c == '\xEF' && text_.substr(pos_, 3) == "\xEF\xBB\xBF") {
        pos_ += 3;  // files were joined, each with its byte order mark
        return;
    }
    if (c == ',') {
        structure_fault(FaultCode::bad_json);
        ++pos_;
        return;
    }
    read_value();
}

void JsonReader::open_array(Place place) {
    place_ = place;
    expect_ = Expect::first;
    in_scalars_ = false;
    ++pos_;
}

void JsonReader::close_array() {
    place_ = place_ == Place::records ? Place::wrapper : Place::top;
    expect_ = Expect::separator;
    ++pos_;
}

void JsonReader::in_array(char c) {
    if (c == ']') {
        if (expect_ == Expect::value) structure_fault(FaultCode::bad_json);
        return close_array();
    }
    if (c == ',') {
        if (expect_ != Expect::separator) structure_fault(FaultCode::bad_json);
        expect_ = Expect::value;
        ++pos_;
        return;
    }
    if (expect_ == Expect::separator) {
        structure_fault(FaultCode::bad_json);  // a comma is missing; go on as if it were there
        expect_ = Expect::value;
    }
    read_value();
}

void JsonReader::in_wrapper(char c) {
    if (c == '}') {
        if (expect_ == Expect::value) structure_fault(FaultCode::bad_json);
        leave_wrapper();
        ++pos_;
        return;
    }
    if (c == ',' && expect_ == Expect::separator) {
        expect_ = Expect::value;
        ++pos_;
        return;
    }
    if (c == '"' && expect_ != Expect::separator && read_member()) return;
    structure_fault(FaultCode::bad_json);
    leave_wrapper();
}

void JsonReader::leave_wrapper() {
    place_ = around_wrapper_;
    expect_ = Expect::separator;
}

// One member of the object around `Records`: opens the array of records, or checks and skips any
// other value. False when it is no member at all.
bool JsonReader::read_member() {
    size_t at = pos_ + 1;
    while (at < text_.size() && text_[at] != '"') at += text_[at] == '\\' ? 2 : 1;
    const size_t key_end = at;
    for (++at; at < text_.size() && is_blank(text_[at]);) ++at;
    const bool colon = at < text_.size() && text_[at] == ':';
    if (at < text_.size() && !colon) return false;
    for (++at; at < text_.size() && is_blank(text_[at]);) ++at;
    size_t end = text_.size();
    if (at < text_.size()) {
        const std::string_view key = text_.substr(pos_ + 1, key_end - pos_ - 1);
        if (key == "Records" && text_[at] == '[') {
            pos_ = at;
            open_array(Place::records);
            return true;
        }
        if (std::string_view(",}]:").find(text_[at]) != std::string_view::npos) return false;
        end = skip_member_value(text_, at);
    }
    if (end == text_.size()) {
        if (text_.size() - pos_ > event::kMaxRecordBytes) return false;
        return more(text_.size() - pos_ + window_bytes_) || (finish(), true);
    }
    piece_.assign(trim(text_.substr(at, end - at)));
    uint32_t entry = 0;
    if (piece_document_.index(piece_.view()) || piece_document_.skip(entry)) {
        structure_fault(FaultCode::bad_json);
    }
    pos_ = end;
    expect_ = Expect::separator;
    return true;
}

void JsonReader::finish() {
    done_ = true;
    if (place_ == Place::top || cut_off_told_ || window_.is_damaged()) return;
    structure_fault(FaultCode::truncated);
}

// Tells once per text that brackets and commas around the records are wrong; no record is lost by
// it.
void JsonReader::structure_fault(FaultCode code) {
    if (structure_told_) return;
    structure_told_ = true;
    delivery_.object_fault({code, offset_of(pos_)});
}

// --- values ---

void JsonReader::read_value() {
    if (!ensure_region()) return;
    if (indexed_) {
        read_indexed();
    } else {
        read_carved();
    }
}

void JsonReader::value_done(size_t end) {
    pos_ = end;
    expect_ = Expect::separator;
    region_want_ = window_bytes_;
}

void JsonReader::reject(Fault fault, size_t end) {
    in_scalars_ = false;
    delivery_.record_fault(fault, offset_of(pos_), text_.substr(pos_, end - pos_));
    value_done(end);
}

// A run of elements that are no objects is told once: an array of a million numbers is one mistake.
void JsonReader::not_a_record(size_t end) {
    if (!in_scalars_) {
        delivery_.record_fault({FaultCode::not_a_record, offset_of(pos_)},
                               offset_of(pos_),
                               text_.substr(pos_, end - pos_));
    }
    in_scalars_ = true;
    value_done(end);
}

// Right behind a string's closing quote stands one of these. A key that begins otherwise can
// therefore not be mistaken: `{"eventVersion"` inside a string shows that quotes were miscounted.
std::string_view JsonReader::start_of_record() const {
    if (text_[pos_] != '{') return {};
    const std::string_view start = classify(text_.substr(pos_, kMaxStartBytes), false).start;
    const size_t quote = start.find('"');
    if (quote == std::string_view::npos) return {};
    const char first = start[quote + 1];
    const bool is_doubtful =
        is_blank(first) || std::string_view(",:]}\"").find(first) != std::string_view::npos;
    return is_doubtful ? std::string_view() : start;
}

void JsonReader::remember_start() {
    if (resync_.empty()) resync_ = start_of_record();
}

// Decides what wraps the object at pos_. True when it is the object around `Records`, which is then
// entered, or when more text is needed first; nothing is left to be done in this step.
bool JsonReader::is_wrapper(Wrapping& wrapping) {
    const std::string_view rest = text_.substr(pos_);
    wrapping = Wrapping::none;
    for (const std::string& start : plain_starts_) {
        if (rest.starts_with(start)) return false;
    }
    const Classified found = classify(rest, place_ != Place::records);
    if (!found.decided && rest.size() <= event::kMaxRecordBytes && !window_.at_end()) {
        more(rest.size() + window_bytes_);
        return true;
    }
    wrapping = found.wrapping;
    if (wrapping == Wrapping::records) {
        around_wrapper_ = place_;
        in_scalars_ = false;
        place_ = Place::wrapper;
        expect_ = Expect::first;
        ++pos_;
        return true;
    }
    if (found.decided && wrapping == Wrapping::none && found.is_plain_start &&
        found.start.size() <= kMaxStartBytes) {
        if (plain_starts_.size() < kMaxStarts) {
            plain_starts_.emplace_back(found.start);
        } else {
            plain_starts_[next_start_++ % kMaxStarts] = found.start;
        }
    }
    return false;
}

// --- values from the index ---

// Sees to it that pos_ lies in a region; false when text had to be read first.
bool JsonReader::ensure_region() {
    if (pos_ < region_end_) return true;
    const size_t available = text_.size() - pos_;
    if (available < region_want_ && !window_.at_end()) {
        const size_t want = region_want_;
        more(want - available);
        region_want_ = want;
        return false;
    }
    index_region(std::min(region_want_, available));
    return true;
}

// A place to end the region at which is probably no string: in front of a record, else behind a
// bracket.
size_t JsonReader::choose_cut(size_t begin, size_t want) const {
    const std::string_view part = text_.substr(begin, want);
    if (!resync_.empty()) {
        const size_t found = part.rfind(resync_);
        if (found != std::string_view::npos && found > want / 2) return begin + found;
    }
    const size_t found = part.rfind('}');
    return found == std::string_view::npos || found == 0 ? begin + want : begin + found + 1;
}

void JsonReader::index_region(size_t want) {
    region_begin_ = pos_;
    region_final_ = window_.at_end() && pos_ + want == text_.size();
    at_ = 0;
    size_t end = region_final_ ? text_.size() : choose_cut(pos_, want);
    // A cut inside a string looks like an unclosed string; an earlier one may do.
    for (int attempt = 0; attempt < 3; ++attempt) {
        region_end_ = end;
        indexed_ = !document_.index(text_.substr(pos_, end - pos_));
        if (indexed_ || region_final_) break;
        const size_t earlier = text_.substr(0, end - 1).rfind('}');
        if (earlier == std::string_view::npos || earlier <= pos_) break;
        end = earlier + 1;
    }
}

void JsonReader::read_indexed() {
    const size_t wanted = pos_ - region_begin_;
    while (at_ < document_.size() && document_.offset(at_) < wanted) ++at_;
    if (at_ == document_.size() || document_.offset(at_) != wanted) {
        indexed_ = false;  // index and bytes disagree about what is a string
        return read_carved();
    }
    if (text_[pos_] == '[') return read_array_indexed();
    // How far something that is no JSON goes is seen best in the bytes.
    if (text_[pos_] != '{') return read_carved();
    Wrapping wrapping;
    if (is_wrapper(wrapping)) return;
    if (!region_final_ && region_end_ - pos_ < kMargin) {
        uint32_t end = at_;
        if (!event::skip_balanced(document_, end)) return incomplete();
    }
    const uint32_t start = at_;
    const auto fault = unwrapper_.deliver(document_, at_, offset_of(region_begin_), wrapping);
    if (fault) return reject_indexed(start, *fault);
    if (at_ == start && document_.skip(at_)) return reject_indexed(start, {FaultCode::bad_json, 0});
    in_scalars_ = false;
    remember_start();
    value_done(region_begin_ + document_.offset(at_ - 1) + 1);
}

// An array inside the array of records.
void JsonReader::read_array_indexed() {
    uint32_t end = at_;
    if (const auto fault = document_.skip(end)) return reject_indexed(at_, *fault);
    at_ = end;
    not_a_record(region_begin_ + document_.offset(end - 1) + 1);
}

// The sink did not take the record at pos_. Finds out whether its syntax is to blame and where it
// ends.
void JsonReader::reject_indexed(uint32_t start, Fault fault) {
    uint32_t end = start;
    const auto syntax = document_.skip(end);
    if (!syntax) {
        at_ = end;
        return reject({fault.code, offset_of(pos_)}, region_begin_ + document_.offset(end - 1) + 1);
    }
    uint32_t balanced = start;
    const bool closes = event::skip_balanced(document_, balanced);
    if (!closes && !region_final_) return incomplete();
    fault = {syntax->code, offset_of(region_begin_) + syntax->offset};
    const bool limit =
        syntax->code == FaultCode::too_deep || syntax->code == FaultCode::too_many_keys;
    const size_t balanced_end = closes ? region_begin_ + document_.offset(balanced - 1) + 1 : 0;
    if (closes && limit) {
        at_ = balanced;
        return reject(fault, balanced_end);
    }
    const size_t carved = carve();
    if (carved == PieceScanner::npos) return;
    if (closes && carved == balanced_end) {
        at_ = balanced;
    } else {
        indexed_ = false;  // strings and brackets are out of step up to the end of the region
    }
    reject(fault, carved);
}

// The value at pos_ goes on behind the region: the next region starts with it.
void JsonReader::incomplete() {
    if (pos_ == region_begin_) {
        if (region_want_ >= event::kMaxRecordBytes) {
            indexed_ = false;
            return;
        }
        region_want_ *= 2;
    }
    region_end_ = pos_;
}

// --- values carved out byte by byte ---

size_t JsonReader::carve() {
    size_t end = scan_piece();
    if (end == PieceScanner::npos) return end;
    while (end > pos_ + 1 && is_blank(text_[end - 1])) --end;
    return end;
}

size_t JsonReader::scan_piece() {
    // Looking for a bracket that is missing goes far and in vain; doing so for every record again
    // must not make the work quadratic.
    const bool trust = wasted_ < kFreeWaste + kMaxWaste * offset_of(pos_);
    const auto place = place_ == Place::top ? PieceScanner::Place::top : PieceScanner::Place::array;
    // Even a broken record mostly begins well, and the others begin like it.
    PieceScanner scanner(place, resync_.empty() ? start_of_record() : resync_, trust);
    const size_t end = scanner.scan(text_, pos_);
    if (end != PieceScanner::npos) return end;
    const size_t size = text_.size() - pos_;
    if (!window_.at_end() && size <= event::kMaxRecordBytes) {
        more(size + window_bytes_);
        return PieceScanner::npos;
    }
    if (const size_t next = scanner.next_record(); next != PieceScanner::npos) {
        wasted_ += text_.size() - next;
        return next;
    }
    if (window_.at_end()) {
        cut_off_told_ = true;
        return text_.size();
    }
    const Fault fault{FaultCode::too_long, offset_of(pos_)};
    reject(fault, text_.size());
    long_value_ = scanner;
    return PieceScanner::npos;
}

void JsonReader::read_carved() {
    Wrapping wrapping = Wrapping::none;
    if (text_[pos_] == '{' && is_wrapper(wrapping)) return;
    const size_t end = carve();
    if (end == PieceScanner::npos) return;
    if (end - pos_ > event::kMaxRecordBytes) {
        return reject({FaultCode::too_long, offset_of(pos_)}, end);
    }
    deliver_piece(text_.substr(pos_, end - pos_), wrapping);
}

void JsonReader::deliver_piece(std::string_view piece, Wrapping wrapping) {
    const size_t end = pos_ + piece.size();
    const bool mend = !is_valid_utf8(piece);
    if (mend) {
        piece_.assign(repair_utf8(piece));
    } else {
        piece_.assign(piece);
    }
    uint32_t at = 0;
    std::optional<Fault> fault = piece_document_.index(piece_.view());
    if (!fault) fault = piece_document_.skip(at);
    if (!fault && at != piece_document_.size()) {
        fault = Fault{FaultCode::bad_json, piece_document_.offset(at)};
    }
    if (fault) {
        const uint64_t within = std::min<uint64_t>(fault->offset, piece.size());
        return reject({fault->code, offset_of(pos_) + within}, end);
    }
    if (piece_document_.at(0) != '{') return not_a_record(end);
    at = 0;
    RecordOrigin& origin = delivery_.origin();
    const bool repaired = origin.repaired;
    origin.repaired = repaired || mend;
    fault = unwrapper_.deliver(piece_document_, at, offset_of(pos_), wrapping);
    origin.repaired = repaired;
    if (fault) return reject({fault->code, offset_of(pos_)}, end);
    in_scalars_ = false;
    remember_start();
    value_done(end);
}

// Goes on looking for the end of a value that was too long to keep.
void JsonReader::skip_long() {
    const size_t end = long_value_->scan(text_, pos_);
    if (end != PieceScanner::npos) {
        long_value_.reset();
        pos_ = end;
        return;
    }
    pos_ = text_.size();
    if (!more(window_bytes_)) {
        cut_off_told_ = true;
        finish();
    }
}

}  // namespace yagura::decode
