//! `Q`: what is put together, what is negated, and what that means for columns that may be null.

use super::super::super::read::{Child, Condition, Connector, Expression, Literal, Operand};
use super::super::state::{Attempt, Stop};
use super::super::statement::Piece;
use super::lookup::Side;
use super::{Pieces, Sql, Writer, around, joined, text};

/// A tree of conditions as Django keeps it.
#[derive(Clone)]
struct Node<'e> {
    connector: Connector,
    negated: bool,
    children: Vec<Leaf<'e>>,
}

#[derive(Clone)]
enum Leaf<'e> {
    Lookup { path: &'e str, operand: &'e Operand },
    Expression(&'e Expression),
    Node(Node<'e>),
}

/// The tree with its lookups resolved.
struct Where {
    connector: Connector,
    negated: bool,
    children: Vec<Clause>,
}

enum Clause {
    Sql(Sql),
    Where(Where),
}

impl Writer<'_> {
    /// Something that is true or false.
    pub(super) fn conditional(&self, expression: &Expression) -> Attempt<Sql> {
        match expression {
            Expression::Condition(condition) => {
                let node = self.node(condition);
                let tree = self.tree(&node, false)?;
                self.where_sql(&tree)
            }
            Expression::Lookup { left, name, right } => {
                let side = self.side(left)?;
                self.lookup(side, name, right)
            }
            Expression::Not(of) => Ok(match self.conditional(of)? {
                Sql::Text(pieces) => Sql::Text(around("NOT ", pieces, "")),
                Sql::Nothing => Sql::Everything,
                Sql::Everything => Sql::Nothing,
            }),
            Expression::Wrapped { of, output: _ } => self.conditional(of),
            Expression::Reference(_)
            | Expression::Value { .. }
            | Expression::Function(_)
            | Expression::Combined { .. }
            | Expression::Case { .. }
            | Expression::Ordered { .. }
            | Expression::Raw { .. }
            | Expression::OperatorClass { .. }
            | Expression::Collated { .. }
            | Expression::List(_) => Ok(Sql::Text(self.expression(expression)?)),
        }
    }

    fn node<'e>(&self, condition: &'e Condition) -> Node<'e> {
        match condition {
            Condition::All { children, connector, negated } => {
                let leaf = |child: &'e Child| match child {
                    Child::Lookup { path, operand } => Leaf::Lookup { path, operand },
                    Child::Expression(Expression::Condition(condition)) => Leaf::Node(self.node(condition)),
                    Child::Expression(expression) => Leaf::Expression(expression),
                };
                Node {
                    connector: *connector,
                    negated: *negated,
                    children: children.iter().map(leaf).collect(),
                }
            }
            Condition::Both { connector, left, right } => {
                let (left, right) = (self.leaf(left), self.leaf(right));
                match (&left, &right) {
                    (Leaf::Node(node), _) if node.children.is_empty() => return alone(right),
                    (_, Leaf::Node(node)) if node.children.is_empty() => return alone(left),
                    _ => {}
                }
                let mut node = Node { connector: *connector, negated: false, children: Vec::new() };
                add(&mut node, left);
                add(&mut node, right);
                node
            }
            Condition::Not(condition) => {
                let inner = self.node(condition);
                if self.view.environment.version.at_least(4, 2) {
                    return Node { negated: !inner.negated, ..inner };
                }
                let mut node = Node { connector: Connector::And, negated: false, children: Vec::new() };
                add(&mut node, Leaf::Node(inner));
                node.negated = true;
                node
            }
        }
    }

    fn leaf<'e>(&self, expression: &'e Expression) -> Leaf<'e> {
        match expression {
            Expression::Condition(condition) => Leaf::Node(self.node(condition)),
            _ => Leaf::Expression(expression),
        }
    }

    fn tree(&self, node: &Node<'_>, negated_around: bool) -> Attempt<Where> {
        let negated = negated_around ^ node.negated;
        let mut tree = Where { connector: node.connector, negated: node.negated, children: Vec::new() };
        for child in &node.children {
            let clause = match child {
                Leaf::Node(node) => self.tree(node, negated)?,
                Leaf::Lookup { path, operand } => self.filter(path, operand, negated)?,
                Leaf::Expression(expression) => {
                    let sql = self.conditional(expression)?;
                    Where { connector: Connector::And, negated: false, children: vec![Clause::Sql(sql)] }
                }
            };
            // Django leaves out what is empty, and flattens what says the same.
            if clause.children.is_empty() {
                continue;
            }
            if !clause.negated && (clause.connector == node.connector || clause.children.len() == 1) {
                tree.children.extend(clause.children);
            } else {
                tree.children.push(Clause::Where(clause));
            }
        }
        Ok(tree)
    }

    /// One comparison. In a negated place, a column that may be null is asked whether it is.
    fn filter(&self, path: &str, operand: &Operand, negated: bool) -> Attempt<Where> {
        let (local, rest) = self.resolve(path)?;
        let column = Side::of_column(&local);
        let (sql, is_null) = self.compared(column, &rest, operand)?;
        let mut clause =
            Where { connector: Connector::And, negated: false, children: vec![Clause::Sql(sql)] };
        if negated && is_null.is_none() {
            let is_none = matches!(operand, Operand::Literal(Literal::Null));
            if local.field.null && !is_none {
                clause.children.push(Clause::Sql(Sql::Text(not_null(&local.column))));
            }
            if let Operand::Expression(Expression::Reference(other)) = operand {
                let (other, rest) = self.resolve(other)?;
                if rest.is_empty() && other.field.null {
                    clause.children.push(Clause::Sql(Sql::Text(not_null(&other.column))));
                }
            }
        }
        Ok(clause)
    }

    /// Comparisons by a path of transforms and a lookup at its end; and what `isnull` asks, if it is one.
    fn compared(&self, side: Side, path: &[String], operand: &Operand) -> Attempt<(Sql, Option<bool>)> {
        let (mut side, mut lookup) = (side, "exact");
        if let Some((last, transforms)) = path.split_last() {
            for name in transforms {
                side = self.transformed(side, name)?;
            }
            if self.is_lookup(&side, last) {
                lookup = last;
            } else {
                side = self.transformed(side, last)?;
            }
        }
        if matches!(operand, Operand::Literal(Literal::Null)) && matches!(lookup, "exact" | "iexact") {
            return Ok((Sql::Text(around("", side.pieces, " IS NULL")), Some(true)));
        }
        let asked = match (lookup, operand) {
            ("isnull", Operand::Literal(Literal::Bool(asked))) => Some(*asked),
            _ => None,
        };
        Ok((self.lookup(side, lookup, operand)?, asked))
    }

    fn where_sql(&self, tree: &Where) -> Attempt<Sql> {
        if tree.connector == Connector::Xor {
            return self.exclusive(tree);
        }
        let (mut full_needed, mut empty_needed) = match tree.connector {
            Connector::And => (tree.children.len(), 1),
            Connector::Or | Connector::Xor => (1, tree.children.len()),
        };
        let mut parts: Vec<Pieces> = Vec::new();
        for child in &tree.children {
            match self.clause_sql(child)? {
                Sql::Text(pieces) => parts.push(pieces),
                Sql::Nothing => empty_needed -= 1,
                Sql::Everything => full_needed -= 1,
            }
            if empty_needed == 0 {
                return Ok(if tree.negated { Sql::Everything } else { Sql::Nothing });
            }
            if full_needed == 0 {
                return Ok(if tree.negated { Sql::Nothing } else { Sql::Everything });
            }
        }
        if parts.is_empty() {
            return Ok(Sql::Everything);
        }
        let several = parts.len() > 1;
        let pieces = joined(parts, &format!(" {} ", tree.connector.word()));
        Ok(Sql::Text(if tree.negated {
            around("NOT (", pieces, ")")
        } else if several {
            around("(", pieces, ")")
        } else {
            pieces
        }))
    }

    fn clause_sql(&self, clause: &Clause) -> Attempt<Sql> {
        Ok(match clause {
            Clause::Where(tree) => self.where_sql(tree)?,
            Clause::Sql(Sql::Text(pieces)) => Sql::Text(pieces.clone()),
            Clause::Sql(Sql::Nothing) => Sql::Nothing,
            Clause::Sql(Sql::Everything) => Sql::Everything,
        })
    }

    /// PostgreSQL has no `XOR`: one has to hold, and the number of those that do is one, or odd.
    fn exclusive(&self, tree: &Where) -> Attempt<Sql> {
        let mut parts = Vec::new();
        for child in &tree.children {
            match self.clause_sql(child)? {
                Sql::Text(pieces) => parts.push(pieces),
                Sql::Nothing | Sql::Everything => {
                    return Err(Stop::new("an XOR with a part that holds for nothing or for everything"));
                }
            }
        }
        let count = |pieces: &Pieces| around("CASE WHEN ", pieces.clone(), " THEN 1 ELSE 0 END");
        let mut counts = parts.iter().map(count);
        let mut sum = counts.next().unwrap_or_else(|| text("0"));
        for next in counts {
            sum = around("(", joined(vec![sum, next], " + "), ")");
        }
        if self.view.environment.version.at_least(5, 0) && parts.len() > 2 {
            sum = around("MOD(", sum, ", 2)");
        }
        if self.view.environment.version.before(5, 0) || parts.len() <= 2 {
            // A sum already stands in parentheses.
        } else {
            sum = around("(", sum, ")");
        }
        let several = parts.len() > 1;
        let any = joined(parts, " OR ");
        let any = if several { around("(", any, ")") } else { any };
        let both = joined(vec![any, around("1 = ", sum, "")], " AND ");
        Ok(Sql::Text(if tree.negated { around("NOT (", both, ")") } else { around("(", both, ")") }))
    }
}

/// Django's way of adding a condition to others.
fn add<'e>(node: &mut Node<'e>, leaf: Leaf<'e>) {
    match leaf {
        Leaf::Node(other)
            if !other.negated && (other.connector == node.connector || other.children.len() == 1) =>
        {
            node.children.extend(other.children);
        }
        other => node.children.push(other),
    }
}

fn alone(leaf: Leaf<'_>) -> Node<'_> {
    match leaf {
        Leaf::Node(node) => node,
        other => Node { connector: Connector::And, negated: false, children: vec![other] },
    }
}

fn not_null(column: &str) -> Pieces {
    vec![Piece::Column(column.to_owned()), Piece::Text(" IS NOT NULL".to_owned())]
}
