package io.culvert.websocket.jetty;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.RejectedExecutionException;
import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.AbstractConnectionFactory;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;

/**
 * Gives sockets to HTTP whose first byte may begin a GET request. All others are refused at once:
 * for the rest of some, such as empty lines, Jetty would wait until the time is over.
 */
final class GetRequests extends AbstractConnectionFactory {
  private static final int FIRST_READ_BYTES = 1024;

  private static final String BODY = "expected an HTTP/1.1 GET request\n";
  private static final byte[] REFUSAL =
      ("HTTP/1.1 400 Bad Request\r\n"
              + "Content-Type: text/plain; charset=utf-8\r\n"
              + "Content-Length: "
              + BODY.length()
              + "\r\nConnection: close\r\n\r\n"
              + BODY)
          .getBytes(StandardCharsets.US_ASCII);

  private final ConnectionFactory http;

  GetRequests(ConnectionFactory http) {
    super("get-requests");
    this.http = http;
    installBean(http);
  }

  @Override
  public Connection newConnection(Connector connector, EndPoint endPoint) {
    return configure(new FirstBytes(connector, endPoint), connector, endPoint);
  }

  private final class FirstBytes extends AbstractConnection implements Connection.UpgradeFrom {
    private final Connector connector;
    private final ByteBuffer bytes = BufferUtil.allocate(FIRST_READ_BYTES);

    FirstBytes(Connector connector, EndPoint endPoint) {
      super(endPoint, connector.getExecutor());
      this.connector = connector;
    }

    @Override
    public void onOpen() {
      super.onOpen();
      fillInterested();
    }

    @Override
    public void onFillable() {
      EndPoint socket = getEndPoint();
      try {
        int count = socket.fill(bytes);
        if (count < 0) {
          socket.close();
        } else if (count == 0) {
          fillInterested();
        } else if (bytes.get(bytes.position()) == 'G') {
          socket.upgrade(http.newConnection(connector, socket));
        } else {
          socket.write(Callback.from(socket::close), ByteBuffer.wrap(REFUSAL));
        }
      } catch (IOException | RejectedExecutionException e) {
        socket.close(); // no TLS, gone already, or the server stops: nobody is left to tell
      }
    }

    @Override
    public ByteBuffer onUpgradeFrom() {
      return bytes;
    }
  }
}
