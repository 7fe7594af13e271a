import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executors;
import pub.dtm.client.DtmClient;
import pub.dtm.client.barrier.BranchBarrier;
import pub.dtm.client.saga.Saga;

/**
 * A bank with DTM's Java SDK: branches behind its barrier, and sagas and TCCs that it begins itself.
 *
 * Arguments: PORT MARIADB_URL COORDINATOR, the last as host:port
 */
public final class Bank {
  private static final String TABLE = "java_account";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String database;
  private final DtmClient coordinator;

  private Bank(String database, String coordinator) {
    this.database = database;
    this.coordinator = new DtmClient(coordinator);
  }

  public static void main(String[] args) throws Exception {
    URI at = URI.create(args[1]);
    String server = "jdbc:mariadb://" + at.getHost() + ":" + at.getPort();
    try (Connection connection = DriverManager.getConnection(server + at.getPath() + "?user=root");
        var statement = connection.createStatement()) {
      statement.execute("create database if not exists dtm_barrier");
    }
    // This SDK's barrier names its table without a database.
    String database = server + "/dtm_barrier?user=root&useAffectedRows=false";
    Bank bank = new Bank(database, args[2]);
    bank.createTables();
    HttpServer http = HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(args[0])), 0);
    http.createContext("/", bank::serve);
    http.setExecutor(Executors.newCachedThreadPool());
    http.start();
  }

  private Connection connect() throws SQLException {
    return DriverManager.getConnection(database);
  }

  private void createTables() throws SQLException {
    try (Connection connection = connect(); var statement = connection.createStatement()) {
      statement.execute("create table if not exists barrier (id bigint auto_increment primary key,"
          + " trans_type varchar(45) default '', gid varchar(128) default '', branch_id varchar(128) default '',"
          + " op varchar(45) default '', barrier_id varchar(45) default '', reason varchar(45) default '',"
          + " create_time datetime default now(), update_time datetime default now(),"
          + " unique key (gid, branch_id, op, barrier_id)) engine = innodb");
      statement.execute("create table if not exists " + TABLE + " (name varchar(128) primary key,"
          + " balance bigint not null, frozen bigint not null default 0) engine = innodb");
    }
  }

  private void serve(HttpExchange exchange) throws IOException {
    int status = 200;
    Map<String, ?> reply;
    try {
      byte[] bytes = exchange.getRequestBody().readAllBytes();
      JsonNode body = bytes.length == 0 ? JSON.createObjectNode() : JSON.readTree(bytes);
      reply = answer(exchange.getRequestURI(), body);
    } catch (Refused refused) {
      status = 409;
      reply = Map.of("dtm_result", "FAILURE", "message", refused.getMessage());
    } catch (Exception error) {
      status = 500;
      reply = Map.of("message", String.valueOf(error.getMessage()));
    }
    byte[] content = JSON.writeValueAsBytes(reply);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, content.length);
    exchange.getResponseBody().write(content);
    exchange.close();
  }

  private Map<String, ?> answer(URI uri, JsonNode body) throws Exception {
    Map<String, String[]> query = queryOf(uri);
    switch (uri.getPath()) {
      case "/open":
        return open(body.get("account").asText(), body.get("balance").asLong());
      case "/balance":
        return balance(query.get("account")[0]);
      case "/begin-saga":
        return beginSaga(body);
      case "/begin-tcc":
        return beginTcc(body);
      default:
        return branch(uri.getPath(), query, body.get("account").asText(), body.get("amount").asLong());
    }
  }

  private Map<String, ?> branch(String path, Map<String, String[]> query, String account, long amount) throws Exception {
    switch (path) {
      case "/adjust":
        return change(query, account, amount, 0);
      case "/undo":
        return change(query, account, -amount, 0);
      case "/try":
        return change(query, account, Math.min(amount, 0), Math.max(-amount, 0));
      case "/confirm":
        return change(query, account, Math.max(amount, 0), Math.min(amount, 0));
      case "/cancel":
        return change(query, account, Math.max(-amount, 0), Math.min(amount, 0));
      default:
        throw new IllegalArgumentException("no operation " + path);
    }
  }

  /** Changes an account behind the barrier; what would overdraw is refused. */
  private Map<String, ?> change(Map<String, String[]> query, String account, long balance, long frozen) throws Exception {
    try (Connection connection = connect()) {
      new BranchBarrier(query).call(connection, barrier -> {
        String sql = "update " + TABLE + " set balance = balance + ?, frozen = frozen + ? where name = ? and balance + ? >= 0";
        try (PreparedStatement update = connection.prepareStatement(sql)) {
          update.setLong(1, balance);
          update.setLong(2, frozen);
          update.setString(3, account);
          update.setLong(4, balance);
          if (update.executeUpdate() == 0) throw new Refused("no balance in " + account);
        }
      });
    }
    return Map.of("dtm_result", "SUCCESS");
  }

  private Map<String, ?> beginSaga(JsonNode body) throws Exception {
    Saga saga = coordinator.newSaga(body.get("gid").asText());
    for (JsonNode branch : body.get("branches")) {
      String bank = branch.get("bank").asText();
      saga.add(bank + "/adjust", bank + "/undo", branch);
    }
    saga.submit();
    return Map.of("began", true);
  }

  private Map<String, ?> beginTcc(JsonNode body) throws Exception {
    coordinator.tccGlobalTransaction(body.get("gid").asText(), tcc -> {
      for (JsonNode branch : body.get("branches")) {
        String bank = branch.get("bank").asText();
        tcc.callBranch(branch, bank + "/try", bank + "/confirm", bank + "/cancel");
      }
    });
    return Map.of("began", true);
  }

  private Map<String, ?> open(String account, long balance) throws SQLException {
    String sql = "insert into " + TABLE + "(name, balance) values (?, ?)";
    try (Connection connection = connect(); PreparedStatement insert = connection.prepareStatement(sql)) {
      insert.setString(1, account);
      insert.setLong(2, balance);
      insert.executeUpdate();
    }
    return Map.of();
  }

  private Map<String, ?> balance(String account) throws SQLException {
    String sql = "select balance, frozen from " + TABLE + " where name = ?";
    try (Connection connection = connect(); PreparedStatement select = connection.prepareStatement(sql)) {
      select.setString(1, account);
      try (ResultSet row = select.executeQuery()) {
        row.next();
        return Map.of("balance", row.getLong(1), "frozen", row.getLong(2));
      }
    }
  }

  private static Map<String, String[]> queryOf(URI uri) {
    Map<String, String[]> query = new HashMap<>();
    if (uri.getRawQuery() == null) return query;
    for (String pair : uri.getRawQuery().split("&")) {
      String[] parts = pair.split("=", 2);
      String value = parts.length > 1 ? URLDecoder.decode(parts[1], StandardCharsets.UTF_8) : "";
      query.put(parts[0], new String[] {value});
    }
    return query;
  }

  private static final class Refused extends Exception {
    Refused(String message) {
      super(message);
    }
  }
}
