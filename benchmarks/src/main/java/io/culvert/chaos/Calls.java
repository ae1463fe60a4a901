package io.culvert.chaos;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.Consumer;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSink;
import okio.BufferedSource;

/** The calls of one side: what it asks for, and what it counts. */
final class Calls {
  /** Longer than any time that a connection is kept for: only Culvert may fail a call. */
  private static final Duration TIMEOUT = Duration.ofMinutes(5);

  private final Caller caller;
  private final OkHttpClient http;
  private final Amounts amounts;
  private final long seed;

  private final AtomicInteger nextPost = new AtomicInteger();

  /** By number of the POST: 1 when the right answer has come. */
  private final AtomicIntegerArray answered;

  private final Consumer<IOException> postFailed;

  Calls(Caller caller, Amounts amounts, long seed, Consumer<IOException> postFailed) {
    this.caller = caller;
    this.postFailed = postFailed;
    this.http =
        caller
            .client()
            .get()
            .connectTimeout(TIMEOUT)
            .readTimeout(TIMEOUT)
            .writeTimeout(TIMEOUT)
            .build();
    this.amounts = amounts;
    this.seed = seed;
    this.answered = new AtomicIntegerArray(amounts.posts());
  }

  OkHttpClient http() {
    return http;
  }

  HttpUrl.Builder url(String path) {
    return caller.url(path);
  }

  /** Sends the POSTs that nobody has sent yet; for several threads at once. */
  void posts(Tally tally, Pace pace) throws InterruptedException {
    for (int i = nextPost.getAndIncrement(); i < amounts.posts(); i = nextPost.getAndIncrement()) {
      pace.await(i);
      try {
        post(tally, i);
      } catch (IOException e) {
        postFailed.accept(e);
      }
    }
  }

  private void post(Tally tally, int number) throws IOException {
    byte[] body = Numbered.body(seed, number);
    HttpUrl url = url("post").addQueryParameter("number", String.valueOf(number)).build();
    Request request = new Request.Builder().url(url).post(RequestBody.create(body)).build();
    tally.sent.incrementAndGet();
    try (Response response = http.newCall(request).execute()) {
      byte[] answer = response.body().bytes();
      tally.answered.incrementAndGet();
      if (Arrays.equals(body, answer)) {
        answered.set(number, 1);
      } else {
        tally.wrong.incrementAndGet();
      }
    }
  }

  /** Asks the peer what it has executed, after all POSTs. */
  void judge(Tally tally) throws IOException {
    Request request = new Request.Builder().url(url("executed").build()).build();
    try (Response response = http.newCall(request).execute()) {
      byte[] executed = response.body().bytes();
      for (int i = 0; i < amounts.posts(); i++) {
        switch (executed[i]) {
          case 0 -> tally.lost.incrementAndGet();
          case 1 -> tally.once.incrementAndGet();
          default -> tally.twice.incrementAndGet();
        }
        if (executed[i] != 0 && answered.get(i) == 0) {
          tally.lost.incrementAndGet(); // its answer is
        }
      }
    }
  }

  void upload(Tally tally) throws IOException {
    MessageDigest digest = Numbered.sha256();
    Request request =
        new Request.Builder().url(url("upload").build()).post(uploaded(digest, tally)).build();
    try (Response response = http.newCall(request).execute()) {
      String expected = amounts.bytes() + " " + HexFormat.of().formatHex(digest.digest());
      arrived(tally, expected.equals(response.body().string()));
    }
  }

  private RequestBody uploaded(MessageDigest digest, Tally tally) {
    return new RequestBody() {
      @Override
      public MediaType contentType() {
        return null;
      }

      @Override
      public boolean isOneShot() {
        return true;
      }

      @Override
      public void writeTo(BufferedSink sink) throws IOException {
        writeBody(sink, digest, tally);
      }
    };
  }

  private void writeBody(BufferedSink sink, MessageDigest digest, Tally tally) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    byte[] chunk = new byte[Service.CHUNK_BYTES];
    long chunks = amounts.bytes() / chunk.length;
    Pace pace = new Pace(chunks, amounts.time());
    for (long i = 0; i < chunks; i++) {
      paced(pace, i);
      random.nextBytes(chunk);
      digest.update(chunk);
      sink.write(chunk);
      tally.sent.set(mib((i + 1) * chunk.length));
    }
  }

  void download(Tally tally) throws IOException {
    HttpUrl url =
        url("download")
            .addQueryParameter("seed", String.valueOf(seed))
            .addQueryParameter("bytes", String.valueOf(amounts.bytes()))
            .build();
    tally.sent.set(amounts.mib());
    try (Response response = http.newCall(new Request.Builder().url(url).build()).execute()) {
      arrived(tally, sameAsSent(response.body().byteStream()));
    }
  }

  private boolean sameAsSent(InputStream in) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    MessageDigest expected = Numbered.sha256();
    MessageDigest actual = Numbered.sha256();
    byte[] chunk = new byte[Service.CHUNK_BYTES];
    long chunks = amounts.bytes() / chunk.length;
    Pace pace = new Pace(chunks, amounts.time());
    for (long i = 0; i < chunks; i++) {
      paced(pace, i);
      actual.update(chunk, 0, in.readNBytes(chunk, 0, chunk.length));
      random.nextBytes(chunk);
      expected.update(chunk);
    }
    return in.read() < 0 && MessageDigest.isEqual(expected.digest(), actual.digest());
  }

  /** A body counts as a whole: its hash says nothing of its parts. */
  private void arrived(Tally tally, boolean right) {
    tally.answered.set(amounts.mib());
    (right ? tally.once : tally.wrong).set(amounts.mib());
  }

  void events(Tally tally) throws IOException {
    HttpUrl url =
        url("events")
            .addQueryParameter("count", String.valueOf(amounts.events()))
            .addQueryParameter("seconds", String.valueOf(amounts.seconds()))
            .build();
    tally.sent.set(amounts.events());
    Tally.Sequence sequence = tally.new Sequence();
    try (Response response = http.newCall(new Request.Builder().url(url).build()).execute()) {
      BufferedSource source = response.body().source();
      for (String line = source.readUtf8Line(); line != null; line = source.readUtf8Line()) {
        if (!line.isEmpty()) {
          sequence.came(line.startsWith("data: ") ? Numbered.number(line.substring(6)) : -1);
        }
      }
    } finally {
      sequence.ended(amounts.events());
    }
  }

  private static void paced(Pace pace, long unit) throws IOException {
    try {
      pace.await(unit);
    } catch (InterruptedException e) {
      throw new InterruptedIOException();
    }
  }

  private static long mib(long bytes) {
    return bytes >> 20;
  }
}
