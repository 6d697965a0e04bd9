"""The JPO's standard data (特許情報標準データ): an index of sets, each a zip of ``upd_*.tsv`` tables.

Applications are in sets JPWAT, their mark images in sets JPWDI. Columns by the file specification (ファイル仕様書)
1.13. Missing values are written as zeros.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from ipwatch.sandbox.filings import GOODS_TEXT, SIMILAR_GROUPS, Filing
from ipwatch.sandbox.mark_images import mark_image
from ipwatch.sandbox.servers.bulk import pack
from ipwatch.sandbox.servers.state import State, conditional, origin

COLUMNS: Mapping[str, tuple[str, ...]] = {
    name: tuple(columns.split())
    for name, columns in {
        "t_basic_item_art": """
            add_del_id mgt_num rec_status_id app_num reg_num split_num sec_num app_typ_sec app_typ_split
            app_typ_complement_rjct app_typ_chan app_typ_priorty app_typ_group app_typ_area_group app_dt
            prior_app_right_occr_dt rjct_finl_dcsn_dsptch_dt final_dspst_cd final_dspst_dt rwrt_app_num old_law ver_num
            intl_reg_num intl_reg_split_num intl_reg_dt rec_latest_updt_dt conti_prd_expire_dt
            instllmnt_expr_dt_aft_des_dt installments_id set_reg_dt""",
        "standard_char_t_art": "add_del_id app_num split_num sub_data_num standard_char_t",
        "indct_use_t_art": "add_del_id app_num split_num sub_data_num indct_use_t",
        "t_dsgnt_art": "add_del_id app_num split_num sub_data_num dsgnt_seq dsgnt",
        "t_knd_info_art_table": "add_del_id app_num split_num sub_data_num knd smlr_dsgn_group_cd",
        "jiken_c_t": """
            masterkosin_nitiji yonpo_code shutugan_no shutugan_bi shutugan_shubetu1 shutugan_shubetu2 shutugan_shubetu3
            shutugan_shubetu4 shutugan_shubetu5 seiri_no saishushobun_shubetu saishushobun_bi raz_toroku_no
            raz_bunkatu_no bogo_no toroku_bi raz_sotugo_su raz_nenkantugo_su raz_kohohakko_bi tantokan_code
            pcz_kokaikohohakko_bi kubun_su torokusateijikubun_su hyojunmoji_umu rittaishohyo_umu hyoshosikisai_umu
            shohyoho3jo2ko_flag shohyoho5jo4ko_flag genshutugan_shubetu genshutuganyonpo_code genshutugan_no sokyu_bi
            obz_shutugan_no obz_toroku_no obz_bunkatu_no kosintoroku_no pez_bunkatu_no pez_bogo_no kakikaetoroku_no
            ktz_bunkatu_no ktz_bogo_no krz_kojoryozokuihan_flag sokisinsa_mark tekiyohoki_kubun sinsa_shubetu
            sosho_code satei_shubetu igiken_su igiyuko_su""",
        "jiken_c_t_shohin_joho": "yonpo_code shutugan_no rui lengthchoka_flag shohinekimumeisho abz_junjo_no",
        "jiken_c_t_shutugannindairinin": """
            yonpo_code shutugan_no shutugannindairinin_sikbt shutugannindairinin_code gez_henko_no gez_kohokan_kubun
            gez_kokken_code daihyoshutugannin_sikibetu jokishutugannin_nanmei dairininhoka_nanmei dairinin_shubetu
            dairininsikaku_shubetu shutugannindairinin_jusho shutugannindairinin_simei gez_junjo_no""",
        "t_sample": """
            cntry_cd doc_typ doc_num app_num page_num rec_seq_num year_issu_cd data_crt_dt all_page_cnt
            final_rec_seq_num fullsize_length fullsize_width comp_frmlchk resolution linecnt_length linecnt_width
            image_data_len image_data""",
    }.items()
}
_NO_SPLIT, _NO_DATE, _NO_NUMBER, _NO_SUB = "0" * 31, "0" * 8, "0" * 7, "0" * 9
_TRADEMARK = "4"
_REGISTERED = "A01"
_REGISTRATION_DELAY = timedelta(days=14)
_PICTURES = "t_sample"
_APPLICATIONS = tuple(name for name in COLUMNS if name != _PICTURES)
# Shorter than the 19,740 bytes that a row may have, so that small pictures are split into several rows, too.
_PART = 4935
# The register's content of rows without a picture.
_NO_PICTURE = b"\xff" * 48

Rows = dict[str, list[dict[str, str]]]


def application(state: State) -> Starlette:
    """Return the virtual host."""

    def index(request: Request) -> Response:
        files = [
            {
                "name": name,
                "url": f"{origin(request, 'jpo.localhost')}/bulk/{name}",
                "date": (state.world.first_day + timedelta(days=table_set.born)).isoformat(),
                "sha256": sha256(_archive(state, table_set)).hexdigest(),
            }
            for name, table_set in _sets(state).items()
        ]
        return JSONResponse({"files": files})

    def download(request: Request) -> Response:
        name = request.path_params["name"]
        table_set = _sets(state).get(name)
        if table_set is None:
            return PlainTextResponse("not found", status_code=404)
        return conditional(request, _archive(state, table_set), "application/zip", state.moment(table_set.born))

    return Starlette(routes=[Route("/bulk/index.json", index), Route("/bulk/{name}", download)])


@dataclass(frozen=True, slots=True)
class _Set:
    """A set of tables, and the day of the world on which it was published."""

    tables: tuple[str, ...]
    born: int


def _sets(state: State) -> dict[str, _Set]:
    """Return each set by its name."""
    days = sorted({filing.born for filing in state.world.filings if filing.office == "JP"})
    return {
        f"{kind}_{state.world.first_day + timedelta(days=day):%Y%m%d}.zip": _Set(names, day)
        for day in days
        for kind, names in (("JPWAT", _APPLICATIONS), ("JPWDI", (_PICTURES,)))
    }


def _archive(state: State, table_set: _Set) -> bytes:
    filings = [filing for filing in state.world.filings if filing.office == "JP" and filing.born == table_set.born]
    made = tables(filings, table_set.tables, state.world.seed)
    return pack({f"upd_{name}.tsv": body for name, body in made.items()})


def tables(filings: Iterable[Filing], names: Iterable[str], seed: int) -> dict[str, bytes]:
    """Return these tables of a set as UTF-8 TSV with a header line."""
    wanted = tuple(names)
    rows: Rows = {name: [] for name in COLUMNS}
    for filing in filings:
        _basic(rows, filing)
        _texts(rows, filing)
        _case(rows, filing)
        _parties(rows, filing)
        if _PICTURES in wanted:
            _add_mark_image(rows, filing, mark_image(filing, seed) or _NO_PICTURE)
    return {name: _tsv(COLUMNS[name], rows[name]) for name in wanted}


def _tsv(columns: tuple[str, ...], rows: list[dict[str, str]]) -> bytes:
    lines = ["\t".join(columns), *("\t".join(row.get(column, "") for column in columns) for row in rows)]
    return ("\n".join(lines) + "\n").encode()


def _day(day: date | None) -> str:
    return day.strftime("%Y%m%d") if day else _NO_DATE


def _registration(filing: Filing) -> str:
    return f"6{int(filing.number[-6:]):06d}" if filing.published_on else _NO_NUMBER


def _basic(rows: Rows, filing: Filing) -> None:
    published = filing.published_on
    decided = published - _REGISTRATION_DELAY if published else None
    rows["t_basic_item_art"].append(
        {
            "add_del_id": "0",
            "mgt_num": filing.number,
            "rec_status_id": "0",
            "app_num": filing.number,
            "reg_num": _registration(filing),
            "split_num": _NO_SPLIT,
            "sec_num": "000",
            "app_typ_area_group": "1" if filing.regional else "0",
            "app_dt": _day(filing.filed_on),
            "prior_app_right_occr_dt": _day(filing.filed_on),
            "rjct_finl_dcsn_dsptch_dt": _NO_DATE,
            "final_dspst_cd": _REGISTERED if published else "",
            "final_dspst_dt": _day(decided),
            "rwrt_app_num": "0" * 10,
            "ver_num": "12",
            "intl_reg_num": _NO_NUMBER,
            "intl_reg_dt": _NO_DATE,
            "rec_latest_updt_dt": _day(published or filing.filed_on),
            "conti_prd_expire_dt": _day(decided.replace(year=decided.year + 10, day=1) if decided else None),
            "instllmnt_expr_dt_aft_des_dt": _NO_DATE,
            "set_reg_dt": _day(decided),
        }
    )


def _texts(rows: Rows, filing: Filing) -> None:
    key = {"add_del_id": "0", "app_num": filing.number, "split_num": _NO_SPLIT, "sub_data_num": _NO_SUB}
    if filing.standard_characters:
        rows["standard_char_t_art"].append(key | {"standard_char_t": filing.text})
    rows["indct_use_t_art"].append(key | {"indct_use_t": filing.text})
    rows["t_dsgnt_art"].append(key | {"dsgnt_seq": "1", "dsgnt": filing.reading})
    for number in filing.classes:
        groups = {"knd": f"{number:02d}", "smlr_dsgn_group_cd": SIMILAR_GROUPS[number]}
        rows["t_knd_info_art_table"].append(key | groups)


def _case(rows: Rows, filing: Filing) -> None:
    published = filing.published_on
    decided = published - _REGISTRATION_DELAY if published else None
    key = {"yonpo_code": _TRADEMARK, "shutugan_no": filing.number}
    rows["jiken_c_t"].append(
        key
        | {
            "masterkosin_nitiji": f"{_day(published or filing.filed_on)}030000",
            "shutugan_bi": _day(filing.filed_on),
            "shutugan_shubetu1": "07" if filing.regional else "01",
            "saishushobun_shubetu": _REGISTERED if published else "",
            "saishushobun_bi": _day(decided),
            "raz_toroku_no": _registration(filing),
            "raz_bunkatu_no": _NO_SPLIT,
            "toroku_bi": _day(decided),
            "raz_kohohakko_bi": _day(published),
            "pcz_kokaikohohakko_bi": _day(filing.filed_on + timedelta(days=21)),
            "kubun_su": f"{len(filing.classes):03d}",
            "hyojunmoji_umu": "1" if filing.standard_characters else "0",
            "igiken_su": "00",
            "igiyuko_su": "00",
        }
    )
    for order, number in enumerate(filing.classes, start=1):
        rows["jiken_c_t_shohin_joho"].append(
            key
            | {
                "rui": f"{number:02d}",
                "lengthchoka_flag": "0",
                "shohinekimumeisho": GOODS_TEXT[number][0],
                "abz_junjo_no": str(order),
            }
        )


def _parties(rows: Rows, filing: Filing) -> None:
    for order, (role, name) in enumerate((("1", filing.applicant), ("2", filing.agent)), start=1):
        code = f"{int(sha256(name.encode()).hexdigest()[:8], 16) % 10**9:09d}"
        rows["jiken_c_t_shutugannindairinin"].append(
            {
                "yonpo_code": _TRADEMARK,
                "shutugan_no": filing.number,
                "shutugannindairinin_sikbt": role,
                "shutugannindairinin_code": code,
                "gez_henko_no": "0000",
                "gez_kokken_code": "13",
                "shutugannindairinin_jusho": "東京都（架空の住所）",
                "shutugannindairinin_simei": name,
                "gez_junjo_no": str(order),
            }
        )


def _add_mark_image(rows: Rows, filing: Filing, picture: bytes) -> None:
    parts = [picture[begin : begin + _PART] for begin in range(0, len(picture), _PART)]
    for number, part in enumerate(parts, start=1):
        rows[_PICTURES].append(
            {
                "cntry_cd": "JP",
                "doc_typ": "T1",
                "doc_num": filing.number[-8:],
                "app_num": filing.number,
                "page_num": "0001",
                "rec_seq_num": f"{number:02d}",
                "year_issu_cd": "5",
                "data_crt_dt": _day(filing.published_on or filing.filed_on),
                "all_page_cnt": "0001",
                "final_rec_seq_num": f"{len(parts):02d}",
                "comp_frmlchk": "JP",
                "resolution": "00",
                "image_data_len": f"{len(part):05d}",
                "image_data": b64encode(part).decode(),
            }
        )
