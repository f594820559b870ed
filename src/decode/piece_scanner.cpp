#include "decode/piece_scanner.h"

namespace yagura::decode {
namespace {

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

// `at` is the start of a record; the value before it ends earlier, in front of the separating
// comma.
size_t end_before(std::string_view text, size_t start, size_t at) {
    size_t end = at;
    while (end > start + 1 && is_blank(text[end - 1])) --end;
    if (end > start + 1 && text[end - 1] == ',') --end;
    return end;
}

}  // namespace

PieceScanner::PieceScanner(Place place, std::string_view start_of_record, bool trust_brackets)
    : place_(place), start_of_record_(start_of_record), trust_brackets_(trust_brackets) {}

bool PieceScanner::begins_record(std::string_view text, size_t at) const {
    if (start_of_record_.empty() || at == start_) return false;
    return text.substr(at, start_of_record_.size()) == start_of_record_;
}

size_t PieceScanner::scan(std::string_view text, size_t at) {
    if (!started_) {
        started_ = true;
        start_ = at;
        opening_ = text[at];
    } else {
        start_ = npos;  // the text has moved on; its start is gone
        candidate_ = npos;
    }
    return opening_ == '{' || opening_ == '[' ? scan_brackets(text, at) : scan_junk(text, at);
}

// A scalar or something that is no JSON: up to the end of the line, or of the array's element.
size_t PieceScanner::scan_junk(std::string_view text, size_t at) {
    for (size_t i = at; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '{' && begins_record(text, i)) return end_before(text, at, i);
        if (in_string_) {
            if (escaped_) {
                escaped_ = false;
            } else if (c == '\\') {
                escaped_ = true;
            } else if (c == '"' || c == '\n') {
                in_string_ = false;
            }
        } else if (c == '"') {
            in_string_ = true;
        } else if (place_ == Place::array && (c == ',' || c == ']') && i != start_) {
            return i;
        }
        if (c == '\n' && place_ == Place::top) return i;
    }
    return npos;
}

// A bracket closed the outermost one.
size_t PieceScanner::close(std::string_view text, size_t at) {
    const bool matches = text[at] == (opening_ == '{' ? '}' : ']');
    if (matches && !(is_mixed_ && candidate_ != npos)) return at + 1;
    // Brackets are mixed up: the array's own end was taken for the record's.
    if (candidate_ != npos) return end_before(text, start_ == npos ? 0 : start_, candidate_);
    return place_ == Place::array ? at : at + 1;
}

void PieceScanner::open(char bracket) {
    if (depth_ < kLevelsKnown) {
        opened_.resize(depth_);
        opened_.push_back(bracket);
    }
    ++depth_;
}

void PieceScanner::leave(char bracket) {
    --depth_;
    const char opened = bracket == '}' ? '{' : '[';
    if (depth_ < opened_.size() && opened_[depth_] != opened) is_mixed_ = true;
}

size_t PieceScanner::scan_brackets(std::string_view text, size_t at) {
    const size_t floor = start_ == npos ? at : start_;
    for (size_t i = at; i < text.size(); ++i) {
        const char c = text[i];
        if (in_string_) {
            if (escaped_) {
                escaped_ = false;
            } else if (c == '\\') {
                escaped_ = true;
            } else if (c == '"') {
                in_string_ = false;
            } else if (c == '\n') {
                // No string holds a raw newline: a quote is missing.
                in_string_ = false;
                if (place_ == Place::top && i + 1 < text.size() && text[i + 1] == '{') return i;
            } else if (c == '{' && begins_record(text, i)) {
                // Its quotes could not stand inside a string: we lost count.
                return end_before(text, floor, i);
            }
            continue;
        }
        switch (c) {
            case '"':
                in_string_ = true;
                break;
            case '{':
                if (depth_ != 0 && candidate_ == npos && begins_record(text, i)) {
                    const size_t end = end_before(text, floor, i);
                    const bool separated = end != i || text[i - 1] == '}';
                    if (separated && !trust_brackets_) return end;
                    if (separated) candidate_ = i;
                }
                [[fallthrough]];
            case '[':
                open(c);
                break;
            case '}':
            case ']':
                leave(c);
                if (depth_ == 0) return close(text, i);
                break;
            case '\n':
                if (place_ == Place::top && candidate_ == npos && i + 1 < text.size() &&
                    text[i + 1] == '{') {
                    if (!trust_brackets_) return i;
                    candidate_ = i + 1;
                }
                break;
            default:
                break;
        }
    }
    return npos;
}

}  // namespace yagura::decode
