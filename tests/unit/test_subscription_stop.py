"""STOP in any wording, and what only looks like it. No language model takes part."""

from __future__ import annotations

import pytest

from bot.wiring.desk import read_acts

ACTS = read_acts()

STOPS = """
STOP
stop
Stop giùm
stop đi em
STOP!!!
xin stop
dừng
DỪNG
dung
dừng ạ
dừng lại
dung lai di
dừng hết đi
dừng giùm cái
dừng tin
dung nhan tin
dừng nhận tin nhắn nha
dừng gửi thông báo cho tôi
ngưng
ngưng đi
ngung nhan tin
ngưng gửi tin giùm tui
ngưng hết mấy cái tin này đi
ngừng nhắn tin
ngừng gửi
ngung gui tin nhan
đừng nhắn nữa
đừng gửi nữa
dung gui nua
đừng gởi nữa nghen
đừng gửi tin cho tui nữa
đừng nhắn tin cho tôi nữa nha
dung nhan tin nua
dung nhan nua
thôi đừng nhắn nữa
thoi dung nhan nua
thôi dừng nhắn nữa
thôi đừng gửi tin nữa em ơi
thôi nhận tin
thôi khỏi gửi nữa
khỏi gửi nữa nghen
khoi gui nua
khỏi nhắn nữa em
khỏi báo nữa
khỏi cần gửi tin nữa
không nhận tin nữa
ko nhận nữa
k nhan tin nua
hông nhận tin nữa
hổng muốn nhận nữa
không muốn nhận tin
tôi không muốn nhận tin nhắn nữa
ko muon nhan thong bao nua
không cần gửi nữa
không muốn bị làm phiền nữa
đừng làm phiền tôi nữa
tắt thông báo
tat thong bao giup
tắt hết thông báo đi
bỏ nhận tin
hủy nhận tin
hủy đăng ký
huy dk
huỷ đăng kí giùm
hủy đăng ký nhận tin
phiền quá, đừng nhắn nữa
đủ rồi, ngưng gửi đi
làm ơn đừng gửi nữa
vui lòng ngừng gửi tin
dạ thôi đừng gửi nữa ạ
đừng spam nữa
miễn gửi nữa
từ nay đừng gửi tin nữa
chấm dứt gửi tin
đừg nhắn nữa
đừng gửi nx
unsubscribe
đừng có nhắn tin hoài nữa
dừng gửi tin vào zalo này
nỏ nhận tin nữa mô
thôi tắt tin giùm
dungf gui nuwax
khỏi gửi cho tui nữa
ngưng gửi được không em
"""

OTHERS = """
dừng xe ở đâu
hủy hồ sơ
thôi khỏi
thôi
thôi khỏi phiền em
thôi khỏi gửi
dạ khỏi báo
không phiền đâu
khỏi
không
đúng
đúng rồi
dung roi
dung a
đúng ạ
dạ đúng
đúng hồ sơ đó
dùng app nào
dùng vneid được không
ngưng tin cúp điện
đừng gửi tin bão nữa
thôi nhận tin dịch bệnh
hủy đăng ký kết hôn
bỏ đăng ký tạm trú
hủy đăng ký xe
xóa đăng ký thường trú
hủy lịch hẹn
rút hồ sơ
thôi không nộp nữa
dừng nộp hồ sơ
tôi muốn dừng giải quyết hồ sơ
tạm ngừng kinh doanh
ngừng hoạt động hộ kinh doanh
chấm dứt hoạt động hộ kinh doanh
chấm dứt hợp đồng
không nhận được tin
sao tôi không nhận được tin nhắn
chưa nhận được thông báo
không nhận kết quả qua bưu điện nữa
không gửi hồ sơ nữa
đừng gửi hồ sơ qua bưu điện
khi nào ngưng cúp điện
bao giờ tắt điện
tắt máy rồi
nhận tin
gửi tin cho tôi
đăng ký nhận tin
tin mới
còn gửi tin nữa không
có gửi tin nữa hông
nhắn tin cho cán bộ
không gửi được ảnh
bỏ số 2
hết hạn chưa
dịch vụ ngưng rồi hả
trạm dừng nghỉ ở đâu
"""


def lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line]


@pytest.mark.parametrize("said", lines(STOPS))
def test_stop_is_understood(said: str) -> None:
    assert ACTS.is_stop(said)


@pytest.mark.parametrize("said", lines(OTHERS))
def test_other_wishes_are_no_stop(said: str) -> None:
    assert not ACTS.is_stop(said)


def test_the_tables_are_long_enough() -> None:
    assert len(lines(STOPS)) >= 60
    assert len(lines(OTHERS)) >= 40
