package io.culvert.okhttp;

import java.io.IOException;
import java.util.function.UnaryOperator;
import okhttp3.Headers;
import okhttp3.MediaType;
import okhttp3.Response;
import okhttp3.ResponseBody;
import okhttp3.TrailersSource;
import okio.Buffer;
import okio.BufferedSource;
import okio.ForwardingSource;
import okio.Okio;

/** A response's body whose failures say what became of the call; it is read after the call. */
final class ExplainedBody extends ResponseBody {
  private final ResponseBody body;
  private final BufferedSource source;

  private ExplainedBody(ResponseBody body, UnaryOperator<IOException> explain) {
    this.body = body;
    this.source = Okio.buffer(new Explained(body.source(), explain));
  }

  /** The response with its body and its trailers explained; without a body, as it is. */
  static Response in(Response response, UnaryOperator<IOException> explain) {
    boolean upgraded = response.code() == 101;
    if (upgraded || response.networkResponse() == null) {
      return response;
    }
    return response
        .newBuilder()
        .body(new ExplainedBody(response.body(), explain))
        .trailers(new Trailers(response, explain))
        .build();
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

  private static final class Explained extends ForwardingSource {
    private final UnaryOperator<IOException> explain;

    Explained(BufferedSource source, UnaryOperator<IOException> explain) {
      super(source);
      this.explain = explain;
    }

    @Override
    public long read(Buffer sink, long byteCount) throws IOException {
      try {
        return super.read(sink, byteCount);
      } catch (IOException e) {
        throw explain.apply(e);
      }
    }
  }

  private record Trailers(Response response, UnaryOperator<IOException> explain)
      implements TrailersSource {
    @Override
    public Headers peek() throws IOException {
      try {
        return response.peekTrailers();
      } catch (IOException e) {
        throw explain.apply(e);
      }
    }

    @Override
    public Headers get() throws IOException {
      try {
        return response.trailers();
      } catch (IOException e) {
        throw explain.apply(e);
      }
    }
  }
}
