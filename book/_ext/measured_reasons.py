"""Why a goal is missed, and why another tool is faster, in both languages.

A test asks for the reason of each that the results show; where the results no longer show it, the
page does not give it.
"""

from __future__ import annotations

_START = {
    "ko": "장의 프로세스는 학습하기 전에 TensorFlow를 읽어 들입니다. 이 장에서는 TensorFlow를 자기 "
    "신경망과 비교하는 데 씁니다. 이 일에 몇 초가 걸리고, 이 도구는 더 빨리 시작합니다.",
    "en": "Before it trains, the chapter's process loads TensorFlow, with which the chapter "
    "compares its own network. That takes seconds; this tool starts sooner.",
}
_START_DENSE = {
    "ko": "TensorFlow와 Keras를 읽어 들이고 학습 단계를 추적하는 데 걸리는 시간이 이 작은 학습보다 "
    "깁니다. 이 도구는 더 빨리 시작합니다.",
    "en": "Loading TensorFlow and Keras and tracing the training step takes longer than this small "
    "training itself; this tool starts sooner.",
}
_READING = {
    "ko": "학습에 드는 메모리가 아닙니다. TensorFlow를 읽어 들인 프로세스가 리뷰 파일을 읽을 때 "
    "메모리를 가장 많이 쓰고, 학습하는 동안에는 그보다 늘지 않습니다.",
    "en": "It is not the training. Memory is highest while the process, with TensorFlow loaded, "
    "reads the file of reviews; training adds nothing to that.",
}
_WHOLE_RNN = {
    "ko": "라이브러리를 읽어 들이고 리뷰를 읽는 시간은 두 방식에 똑같이 들고, 이 책의 방식에서는 "
    "그 시간이 짧은 학습의 대부분을 차지합니다. 에포크만 비교하면 차이가 더 큽니다.",
    "en": "Loading the libraries and reading the reviews takes both sides equally long, and makes "
    "up most of the book's short training. Epoch by epoch the difference is larger.",
}
_FORWARD = {
    "ko": "이 책에서 배치 하나에 드는 시간은 대부분 정방향 계산의 시간입니다. 타임 스텝마다 앞의 "
    "은닉 상태를 기다려야 하므로 작은 행렬 곱과 tanh가 타임 스텝의 수만큼 차례로 남고, 이것은 "
    "출처의 방식에서도 마찬가지입니다. 줄어드는 것은 원-핫 행의 곱뿐입니다.",
    "en": "Most of the book's time for a batch goes into the way forward. Each time step waits for "
    "the hidden state of the one before, so a small product and a tanh remain for every time step, "
    "as they do in the sources' way. Only the products of one-hot rows are saved.",
}
# By point, case, side and number.
REASONS = {
    ("chapters", "rnn", "sources", "memory"): _READING,
    ("chapters", "rnn-whole", "sources", "memory"): _READING,
    ("chapters", "rnn", "sources", "batch"): _FORWARD,
    ("chapters", "rnn-whole", "sources", "batch"): _FORWARD,
    ("chapters", "rnn", "sources", "wall"): _WHOLE_RNN,
    ("chapters", "rnn-whole", "sources", "wall"): _WHOLE_RNN,
    ("today", "rnn", "jax", "cpu"): _START,
    ("today", "rnn", "torch", "cpu"): _START,
    ("today", "reuters", "jax", "cpu"): _START_DENSE,
    ("today", "reuters", "torch", "cpu"): _START_DENSE,
    ("today", "rnn", "jax", "epoch_cpu"): {
        "ko": "XLA가 모든 타임 스텝의 정방향과 역방향을 프로그램 하나로 컴파일합니다. NumPy는 "
        "타임 스텝마다 함수를 여러 번 부르고, 부를 때마다 파이썬이 조금씩 시간을 씁니다. 이 장의 "
        "목적은 역전파를 한 줄씩 보이는 것이므로 NumPy를 그대로 씁니다.",
        "en": "XLA compiles all time steps, forward and back, into one program. NumPy calls "
        "several functions in each time step, and Python takes a little time for each call. The "
        "chapter is there to show backpropagation line by line, so it stays with NumPy.",
    },
    ("today", "reuters", "torch", "epoch_cpu"): {
        "ko": "`EmbeddingBag`은 단어의 행을 찾아 더하는 일을 함수 하나로 합니다. `SparseDense`는 "
        "TensorFlow의 희소 행렬 곱을 쓰는데, 이 곱은 열이 많으면 느린 길로 가므로 커널을 여러 "
        "조각으로 나누어야 합니다. 희소 배치를 만드는 데에도 시간이 듭니다.",
        "en": "`EmbeddingBag` looks up the words' rows and adds them up in a single function. "
        "`SparseDense` uses TensorFlow's product of sparse and dense matrices, which takes a slow "
        "path for many columns, so it has to cut the kernel into slices; and making each sparse "
        "batch takes time as well.",
    },
}
