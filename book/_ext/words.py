"""The interface words that our own extensions and templates write, in both languages."""

WORDS = {
    "ko": {
        "title": "실행되는 딥러닝 교과서",
        "search": "책에서 찾기…",
        "show_cell": "펼치기",
        "hide_cell": "접기",
        "show_solution": "풀이 펼치기",
        "hide_solution": "풀이 접기",
        "license": "글과 그림 CC BY 4.0, 코드 MIT",
        "switch": "English",
        "switch_label": "이 쪽을 영어로 읽기",
        "evidence": "근거",
        "not_held": "이 데이터에서는 성립하지 않음",
        "evidence_of": "이 문장의 근거",
        "seed": "시드",
        "case": "경우",
        "mean": "평균",
        "spread": "표준편차",
        "bound": "조건",
        "above": "{} 초과",
        "below": "{} 미만",
        "every value": "모든 값이",
        "the mean": "평균이",
        "versions": "버전",
        "run": (
            "이 쪽은 {date}에 {seconds}초 동안 실행되었습니다. 최대 메모리 {memory} GB, "
            "{data}{versions}."
        ),
        "data": "데이터 출처 {}, ",
        "directory": "지정한 폴더(LESSONS_DATA_DIR)",
        "keras": "Keras 내려받기",
        "wheel": "PyPI 패키지",
    },
    "en": {
        "title": "Executable Deep Learning",
        "search": "Search this book…",
        "show_cell": "Show {type}",
        "hide_cell": "Hide {type}",
        "show_solution": "Show the solution",
        "hide_solution": "Hide the solution",
        "license": "Text and figures CC BY 4.0, code MIT",
        "switch": "한국어",
        "switch_label": "Read this page in Korean",
        "evidence": "evidence",
        "not_held": "does not hold on these data",
        "evidence_of": "Evidence for this sentence",
        "seed": "seed",
        "case": "case",
        "mean": "mean",
        "spread": "standard deviation",
        "bound": "Condition",
        "above": "above {}",
        "below": "below {}",
        "every value": "every value",
        "the mean": "the mean",
        "versions": "Versions",
        "run": (
            "This page ran on {date} in {seconds} seconds, with at most {memory} GB of memory, "
            "{data}with {versions}."
        ),
        "data": "on data from {}, ",
        "directory": "the given folder (LESSONS_DATA_DIR)",
        "keras": "Keras' download",
        "wheel": "a PyPI package",
    },
}

# Words that no catalogue reaches: English attribute text to its translation.
FIXED_WORDS = {
    "ko": {
        "Main": "주 메뉴",
        "Page": "쪽 메뉴",
        "Search": "찾기",
        "Toggle hidden content": "펼치거나 접기",
        "Toggle primary sidebar": "차례 여닫기",
        "Toggle secondary sidebar": "이 쪽의 차례 여닫기",
        "Version warning": "버전 안내",
    },
}
