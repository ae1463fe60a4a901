package io.culvert.okhttp;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import okhttp3.MediaType;
import okhttp3.ResponseBody;
import okio.Buffer;
import okio.BufferedSource;
import okio.ForwardingSource;
import okio.Okio;
import okio.Timeout;

/**
 * A response's body that tells when it is closed before its end: OkHttp's events report an end then
 * too, and the stream must not be taken for free.
 */
final class WholeBody extends ResponseBody {
  /** As long as OkHttp itself reads on in such a case, to save a connection. */
  private static final long DISCARD_MILLIS = 100;

  private static final long STEP_BYTES = 8 << 10;

  private final ResponseBody body;
  private final BufferedSource source;

  /**
   * @param givenUp run before OkHttp hears of it
   */
  WholeBody(ResponseBody body, Runnable givenUp) {
    this.body = body;
    this.source = Okio.buffer(new Watched(body.source(), givenUp));
  }

  @Override
  public MediaType contentType() {
    return body.contentType();
  }

  @Override
  public long contentLength() {
    return body.contentLength();
  }

  @Override
  public BufferedSource source() {
    return source;
  }

  private static final class Watched extends ForwardingSource {
    private final Runnable givenUp;
    private boolean ended;

    Watched(BufferedSource source, Runnable givenUp) {
      super(source);
      this.givenUp = givenUp;
    }

    @Override
    public long read(Buffer sink, long byteCount) throws IOException {
      long count = super.read(sink, byteCount);
      ended |= count == -1;
      return count;
    }

    @Override
    public void close() throws IOException {
      if (!ended && !readsToTheEnd()) {
        givenUp.run();
      }
      super.close();
    }

    private boolean readsToTheEnd() {
      Timeout timeout = timeout();
      boolean bounded = timeout.hasDeadline();
      long before = bounded ? timeout.deadlineNanoTime() : 0;
      timeout.deadline(DISCARD_MILLIS, TimeUnit.MILLISECONDS);
      try (Buffer rest = new Buffer()) {
        while (read(rest, STEP_BYTES) != -1) {
          rest.clear();
        }
        return true;
      } catch (IOException e) {
        return false; // too slow, or broken
      } finally {
        if (bounded) {
          timeout.deadlineNanoTime(before);
        } else {
          timeout.clearDeadline();
        }
      }
    }
  }
}
